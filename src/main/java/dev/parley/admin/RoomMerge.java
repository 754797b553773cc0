package dev.parley.admin;

import dev.parley.admin.RoomsEndpoint.RoomList;
import dev.parley.admin.cluster.InstanceName;
import dev.parley.admin.cluster.Refusals;
import dev.parley.admin.cluster.Results.RoomPage;
import dev.parley.admin.cluster.Results.RoomReport;
import dev.parley.admin.cluster.SurveyResult;
import dev.parley.protocol.RoomName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes one list of rooms of what every instance says about its own. */
public final class RoomMerge {
  private RoomMerge() {}

  /** How much of a room is on one instance. */
  public record Place(String instance, int connections) {}

  /**
   * @param connections on all instances
   * @param members distinct users, on all instances
   * @param offset of the newest message
   */
  public record RoomSummary(
      String room,
      int connections,
      int members,
      String epoch,
      long offset,
      List<Place> instances) {}

  /** A room, and who may have more of it. */
  public record RoomDetails(
      String room,
      int connections,
      int members,
      String epoch,
      long offset,
      List<Place> instances,
      List<String> silent) {}

  static RoomList page(SurveyResult<RoomPage> answers, int limit) {
    NavigableMap<String, RoomSummary> all = rooms(answers);
    // Behind the last of an instance that has more there may be rooms that it did not name.
    String end =
        answers.given().values().stream()
            .filter(page -> page.more() && !page.rooms().isEmpty())
            .map(page -> page.rooms().getLast().room())
            .min(Comparator.naturalOrder())
            .orElse(null);
    List<RoomSummary> known = List.copyOf((end == null ? all : all.headMap(end, true)).values());
    List<RoomSummary> page = known.size() <= limit ? known : known.subList(0, limit);
    boolean more = end != null || page.size() < known.size();
    String next = more && !page.isEmpty() ? Cursor.of(page.getLast().room()) : null;
    return new RoomList(page, next, answers.silentNames());
  }

  /** Refuses if no instance has it. */
  static RoomDetails details(RoomName name, SurveyResult<RoomPage> answers) {
    RoomSummary room = rooms(answers).get(name.value());
    if (room == null) {
      if (!answers.silent().isEmpty()) {
        throw Refusals.silent(answers.silent().getFirst());
      }
      throw Refusals.notFound("No instance has this room open");
    }
    return new RoomDetails(
        room.room(),
        room.connections(),
        room.members(),
        room.epoch(),
        room.offset(),
        room.instances(),
        answers.silentNames());
  }

  private static NavigableMap<String, RoomSummary> rooms(SurveyResult<RoomPage> answers) {
    TreeMap<String, RoomSummary> all = new TreeMap<>();
    for (Map.Entry<InstanceName, RoomPage> each : answers.given().entrySet()) {
      for (RoomReport room : each.getValue().rooms()) {
        all.compute(room.room(), (_, known) -> with(known, each.getKey(), room));
      }
    }
    return all;
  }

  /** Of the position that which is further on. */
  private static RoomSummary with(
      @Nullable RoomSummary known, InstanceName instance, RoomReport room) {
    Place place = new Place(instance.value(), room.connections());
    if (known == null) {
      return new RoomSummary(
          room.room(),
          room.connections(),
          room.members(),
          room.epoch(),
          room.offset(),
          List.of(place));
    }
    List<Place> places = new ArrayList<>(known.instances());
    places.add(place);
    boolean newer = room.offset() > known.offset();
    return new RoomSummary(
        room.room(),
        known.connections() + room.connections(),
        Math.max(known.members(), room.members()),
        newer ? room.epoch() : known.epoch(),
        Math.max(room.offset(), known.offset()),
        places);
  }
}
