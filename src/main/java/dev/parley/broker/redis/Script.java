package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** The scripts that Redis runs; each says at its head what it takes and answers. */
@SuppressWarnings("ImmutableEnumChecker") // its arrays are never changed
enum Script {
  PUBLISH("life", "settle", "publish"),
  OPEN("life", "settle", "open"),
  LOG("life", "settle", "deleted", "log"),
  HISTORY("life", "settle", "history"),
  DELETE("life", "settle", "deleted", "delete"),
  ENTER("life", "presence", "enter"),
  EXIT("life", "presence", "exit"),
  SWEEP("life", "presence", "sweep"),
  REGISTER("register"),
  UNREGISTER("unregister"),
  BEAT("beat"),
  CLAIM("claim"),
  READ("read"),
  READS("reads"),
  PROBE("probe");

  private final boolean settles;
  private final byte[] source;
  private final byte[] sha;

  Script(String... parts) {
    settles = List.of(parts).contains("settle");
    StringBuilder text = new StringBuilder();
    for (String part : parts) {
      text.append(resource(part)).append('\n');
    }
    this.source = text.toString().getBytes(UTF_8);
    this.sha = HexFormat.of().formatHex(sha1(source)).getBytes(UTF_8);
  }

  /** Whether its arguments begin with those of {@link PrimaryState#settle}. */
  boolean settles() {
    return settles;
  }

  byte[] source() {
    return source.clone();
  }

  /** What Redis knows the script by, in the bytes of its hexadecimal form; not to be changed. */
  byte[] sha() {
    return sha;
  }

  private static String resource(String name) {
    try (InputStream in = Script.class.getResourceAsStream(name + ".lua")) {
      if (in == null) {
        throw new IllegalStateException("script " + name + ".lua is missing");
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] sha1(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(bytes);
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new IllegalStateException(everyPlatformHasIt);
    }
  }
}
