package dev.parley.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.admin.RoomMerge.RoomSummary;
import dev.parley.admin.RoomsEndpoint.RoomList;
import dev.parley.admin.cluster.InstanceName;
import dev.parley.admin.cluster.Results.RoomPage;
import dev.parley.admin.cluster.Results.RoomReport;
import dev.parley.admin.cluster.SurveyResult;
import dev.parley.protocol.RoomName;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RoomMergeTests {
  private static final InstanceName A = new InstanceName("a-00000001");
  private static final InstanceName B = new InstanceName("b-00000002");

  @Test
  void aRoomOfTwoInstancesIsOne() {
    RoomList list =
        merge(
            10,
            new RoomPage(List.of(new RoomReport("r", 2, 3, "old", 7)), false),
            new RoomPage(List.of(new RoomReport("r", 1, 3, "new", 8)), false));
    assertThat(list.rooms())
        .containsExactly(
            new RoomSummary(
                "r",
                3,
                3,
                "new",
                8,
                List.of(new RoomMerge.Place(A.value(), 2), new RoomMerge.Place(B.value(), 1))));
    assertThat(list.next()).isNull();
  }

  @Test
  void thePageEndsWhereAnInstanceThatHasMoreHasNotSpoken() {
    RoomList list = merge(10, page(true, "a", "c"), page(false, "b", "d", "e"));
    assertThat(names(list)).containsExactly("a", "b", "c");
    assertThat(Cursor.read(list.next(), RoomName::parse)).isEqualTo(new RoomName("c"));
  }

  @Test
  void whatDoesNotFitIsTheNextPages() {
    RoomList list = merge(2, page(false, "a", "d"), page(false, "b", "c"));
    assertThat(names(list)).containsExactly("a", "b");
    assertThat(Cursor.read(list.next(), RoomName::parse)).isEqualTo(new RoomName("b"));
  }

  @Test
  void theLastPageHasNoNext() {
    assertThat(merge(2, page(false, "a"), page(false, "b")).next()).isNull();
    assertThat(merge(2, page(false), page(false)).next()).isNull();
  }

  private static RoomList merge(int limit, RoomPage a, RoomPage b) {
    TreeMap<InstanceName, RoomPage> given = new TreeMap<>();
    given.put(A, a);
    given.put(B, b);
    return RoomMerge.page(new SurveyResult<>(given, List.of()), limit);
  }

  private static RoomPage page(boolean more, String... names) {
    return new RoomPage(
        Stream.of(names).map(name -> new RoomReport(name, 1, 1, "e", 1)).toList(), more);
  }

  private static List<String> names(RoomList list) {
    return list.rooms().stream().map(RoomSummary::room).toList();
  }
}
