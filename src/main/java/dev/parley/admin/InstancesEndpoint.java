package dev.parley.admin;

import dev.parley.admin.cluster.Cluster;
import dev.parley.admin.cluster.Command;
import dev.parley.admin.cluster.CommandResult;
import dev.parley.admin.cluster.InstanceName;
import dev.parley.admin.cluster.Results.InstanceReport;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The instances of the service. */
@RestController
@RequestMapping(path = "/api/v1/instances", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "instances")
public class InstancesEndpoint {
  private static final String REASON = "An operator is draining this instance";

  private final Cluster cluster;

  InstancesEndpoint(Cluster cluster) {
    this.cluster = cluster;
  }

  public record InstanceList(List<InstanceReport> instances, List<String> silent) {}

  @GetMapping
  @Operation(
      summary = "Lists the instances",
      description =
          "Lists those that announced themselves within the last 10 seconds; `silent` names those"
              + " of them that did not answer.")
  CompletableFuture<InstanceList> listInstances() {
    return cluster
        .ask(new Command.Report())
        .thenApply(answers ->
            new InstanceList(List.copyOf(answers.given().values()), answers.silentNames()));
  }

  @GetMapping("/{instance}")
  @Operation(summary = "Shows an instance")
  @ApiResponse(responseCode = "200", description = "OK", useReturnTypeSchema = true)
  @ApiResponse(responseCode = "404", description = "There is no such instance")
  CompletableFuture<InstanceReport> showInstance(@PathVariable InstanceName instance) {
    return cluster
        .ask(new Command.Report(), cluster.known(instance))
        .thenApply(answers -> answers.only(instance));
  }

  @PostMapping("/{instance}/drain")
  @Operation(
      summary = "Drains an instance",
      description =
          "The instance is no longer ready, refuses handshakes, and closes its connections one after"
              + " the other over `parley.drain.window`. The answer comes at once and says how many there"
              + " are. This cannot be undone: stop the instance when its state is `drained`. Repeating"
              + " the request changes nothing.")
  @ApiResponse(responseCode = "200", description = "OK", useReturnTypeSchema = true)
  @ApiResponse(responseCode = "404", description = "There is no such instance")
  CompletableFuture<CommandResult> drain(
      @PathVariable InstanceName instance, HttpServletRequest request) {
    return cluster
        .ask(new Command.StartDrain(REASON), cluster.known(instance))
        .thenApply(answers -> {
          var _ = answers.only(instance);
          return Audit.note(request, CommandResult.of(answers));
        });
  }
}
