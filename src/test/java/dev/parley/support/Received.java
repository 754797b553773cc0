package dev.parley.support;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A message or control frame as a client read it, fragments put together. */
public record Received(int opcode, byte[] payload) {
  public static final int TEXT = 1;
  public static final int BINARY = 2;
  public static final int CLOSE = 8;
  public static final int PING = 9;
  public static final int PONG = 10;
  private static final JsonMapper JSON = new JsonMapper();

  public String text() {
    return new String(payload, StandardCharsets.UTF_8);
  }

  public JsonNode json() {
    return JSON.readTree(payload);
  }

  /** The frame's {@code type}; empty where it is none of the protocol's. */
  public String type() {
    return opcode == TEXT && payload.length > 0 && payload[0] == '{'
        ? json().path("type").asString("")
        : "";
  }

  /** Of a close frame; 1005 where it names none (RFC 6455, section 7.1.5). */
  public int closeCode() {
    return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
  }

  public String closeReason() {
    return payload.length < 2
        ? ""
        : new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    String shown = opcode == TEXT ? text() : payload.length + " bytes";
    return opcode + ":" + shown.substring(0, Math.min(300, shown.length()));
  }
}
