package dev.parley.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8Tests {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "7f",
        "c280",
        "dfbf",
        "e0a080",
        "ed9fbf",
        "ee8080",
        "efbfbf",
        "f0908080",
        "f48fbfbf",
        "6162636465666768c3a96162636465666768"
      })
  void validTextIsAccepted(String hex) {
    byte[] text = HexFormat.of().parseHex(hex);
    assertThat(Utf8.isValid(text, 0, text.length)).isTrue();
  }

  /** The index is that of the byte with which the text can no longer become valid. */
  @ParameterizedTest
  @CsvSource({
    "80,0",
    "bf,0",
    "c0,0",
    "c1,0",
    "c220,1",
    "c2c2,1",
    "e09f,1",
    "eda0,1",
    "edbf,1",
    "e18080e1,-1",
    "e180c0,2",
    "f08f,1",
    "f490,1",
    "f5,0",
    "f8,0",
    "ff,0",
    "f1808020,3",
    "cebae1bdb9cf83cebcceb5f4908080,12",
    "616161616161616161ff,9",
    "c3,-1",
    "e282,-1",
    "f09f98,-1"
  })
  void invalidTextIsRefusedAtItsFirstImpossibleByte(String hex, int at) {
    byte[] text = HexFormat.of().parseHex(hex);
    assertThat(Utf8.isValid(text, 0, text.length)).isFalse();
    Utf8.Validator validator = new Utf8.Validator();
    for (int i = 0; i < text.length; i++) {
      assertThat(validator.accept(text, i, 1)).as("byte %d", i).isEqualTo(at < 0 || i < at);
    }
    assertThat(validator.isComplete()).isFalse();
  }

  @Test
  void refusedTextStaysRefused() {
    Utf8.Validator validator = new Utf8.Validator();
    assertThat(validator.accept(new byte[] {(byte) 0xFF}, 0, 1)).isFalse();
    assertThat(validator.accept(new byte[] {'a'}, 0, 1)).isFalse();
    assertThat(validator.accept(new byte[0], 0, 0)).isFalse();
    assertThat(validator.isComplete()).isFalse();
  }

  @Test
  void sequencesMayBeSplitAnywhere() {
    byte[] text = "aé€😀 abcdefghijklmnop é".getBytes(StandardCharsets.UTF_8);
    for (int cut = 0; cut <= text.length; cut++) {
      Utf8.Validator arrays = new Utf8.Validator();
      assertThat(arrays.accept(text, 0, cut)).isTrue();
      assertThat(arrays.isComplete()).isEqualTo(cut == text.length || (text[cut] & 0xC0) != 0x80);
      assertThat(arrays.accept(text, cut, text.length - cut)).isTrue();
      assertThat(arrays.isComplete()).isTrue();
    }
  }

  @Test
  void agreesWithTheJdkOnRandomBytes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int[] leads = {
      0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xE1, 0xED, 0xF0, 0xF1,
      0xF4, 0xF5
    };
    for (int round = 0; round < 200_000; round++) {
      byte[] text = new byte[random.nextInt(20)];
      for (int i = 0; i < text.length; i++) {
        text[i] = (byte) leads[random.nextInt(leads.length)];
      }
      boolean valid = validForTheJdk(text);
      assertThat(Utf8.isValid(text, 0, text.length))
          .as("seed %d round %d", seed, round)
          .isEqualTo(valid);
      Utf8.Validator validator = new Utf8.Validator();
      assertThat(validator.accept(text, 0, text.length) && validator.isComplete())
          .as("seed %d round %d", seed, round)
          .isEqualTo(valid);
    }
  }

  private static boolean validForTheJdk(byte[] text) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
      return true;
    } catch (CharacterCodingException malformed) {
      return false;
    }
  }
}
