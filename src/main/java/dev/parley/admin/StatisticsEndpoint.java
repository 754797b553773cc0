package dev.parley.admin;

import dev.parley.admin.cluster.Cluster;
import dev.parley.admin.cluster.Command;
import dev.parley.admin.cluster.Results.InstanceReport;
import dev.parley.admin.cluster.Results.LaneReport;
import dev.parley.admin.cluster.SurveyResult;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToLongFunction;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The service in a few numbers. */
@RestController
@Tag(name = "instances")
public class StatisticsEndpoint {
  private final Cluster cluster;

  StatisticsEndpoint(Cluster cluster) {
    this.cluster = cluster;
  }

  /**
   * Sums over the instances that answered; totals count from the start of each.
   *
   * @param states how many instances are in each state
   * @param transports how many connections each of them carries
   * @param roomsOpen a room counts once for each instance that has it open
   * @param lagMicrosMax the longest that a task waited for its lane just now
   */
  public record Statistics(
      int instances,
      Map<String, Integer> states,
      int connections,
      Map<String, Integer> transports,
      int roomsOpen,
      long published,
      long delivered,
      long bytesReceived,
      long bytesSent,
      long rateLimited,
      long lagMicrosMax,
      List<String> silent) {}

  @GetMapping(path = "/api/v1/statistics", produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary = "Shows the service in a few numbers",
      description = "For a quick look; use the metrics to watch values over time.")
  CompletableFuture<Statistics> showStatistics() {
    return cluster.ask(new Command.Report()).thenApply(StatisticsEndpoint::sum);
  }

  private static Statistics sum(SurveyResult<InstanceReport> answers) {
    Collection<InstanceReport> all = answers.given().values();
    Map<String, Integer> states = new TreeMap<>();
    Map<String, Integer> transports = new TreeMap<>();
    for (InstanceReport each : all) {
      states.merge(each.state(), 1, Integer::sum);
      each.transports().forEach((name, count) -> transports.merge(name, count, Integer::sum));
    }
    return new Statistics(
        all.size(),
        states,
        all.stream().mapToInt(InstanceReport::connections).sum(),
        transports,
        all.stream().mapToInt(InstanceReport::rooms).sum(),
        all.stream().mapToLong(InstanceReport::published).sum(),
        sumOfLanes(all, LaneReport::delivered),
        all.stream().mapToLong(InstanceReport::bytesReceived).sum(),
        sumOfLanes(all, LaneReport::bytesSent),
        all.stream().mapToLong(InstanceReport::rateLimited).sum(),
        all.stream()
            .flatMap(each -> each.lanes().stream())
            .mapToLong(LaneReport::lagMicros)
            .max()
            .orElse(0),
        answers.silentNames());
  }

  private static long sumOfLanes(Collection<InstanceReport> all, ToLongFunction<LaneReport> value) {
    return all.stream().flatMap(each -> each.lanes().stream()).mapToLong(value).sum();
  }
}
