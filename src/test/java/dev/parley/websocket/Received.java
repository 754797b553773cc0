package dev.parley.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A message or control frame as a client read it, fragments put together. */
record Received(int opcode, byte[] payload) {
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;
  private static final JsonMapper JSON = new JsonMapper();

  String text() {
    return new String(payload, StandardCharsets.UTF_8);
  }

  JsonNode json() {
    return JSON.readTree(payload);
  }

  /** The frame's {@code type}; empty where it is none of the protocol's. */
  String type() {
    return opcode == TEXT && payload.length > 0 && payload[0] == '{'
        ? json().path("type").asString("")
        : "";
  }

  /** Of a close frame; 1005 where it names none (RFC 6455, section 7.1.5). */
  int closeCode() {
    return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
  }

  String closeReason() {
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
