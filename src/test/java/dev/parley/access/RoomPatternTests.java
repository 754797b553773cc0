package dev.parley.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.parley.protocol.RoomName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoomPatternTests {

  @ParameterizedTest
  @CsvSource({
    "lobby, lobby, true",
    "lobby, lobby2, false",
    "lobby, lobb, false",
    "*, anything, true",
    "*, @ann, true",
    "chat:*, chat:, true",
    "chat:*, chat:a:b, true",
    "chat:*, chats, false",
    "*:news, de:news, true",
    "*:news, de:news:old, false",
    "a*b*c, abc, true",
    "a*b*c, axbxbxc, true",
    "a*b*c, acb, false",
    "**, x, true",
    "a*a, a, false",
    "Chat, chat, false"
  })
  void matchesAnyRunOfCharactersWhereAStarIs(String pattern, String room, boolean matches) {
    assertThat(new RoomPattern(pattern).matches(new RoomName(room))).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "chat/?", "ü", "chat:[a-z]"})
  void refusesWhatNoRoomCanMatch(String pattern) {
    assertThatIllegalArgumentException().isThrownBy(() -> new RoomPattern(pattern));
  }
}
