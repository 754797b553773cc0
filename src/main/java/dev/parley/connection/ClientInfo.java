package dev.parley.connection;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a connection: what is kept of its handshake for operators to see. A hundred
 * thousand idle connections hold one each, so it is 32 bytes: the address as two numbers, of IPv4
 * in its form within IPv6 (RFC 4291, section 2.5.5.2), and an agent that all of its kind share.
 */
public final class ClientInfo {
  static final int LONGEST_AGENT = 128;

  /** Browsers in use are a few hundred; whoever makes names up must not fill the memory. */
  private static final int MOST_SHARED = 1_000;

  private static final long IPV4_MAPPED = 0xFFFF_0000_0000L;
  static final ClientInfo UNKNOWN = new ClientInfo(0, 0, null);
  private static final ConcurrentHashMap<String, String> AGENTS = new ConcurrentHashMap<>();

  private final long high;
  private final long low;
  private final @Nullable String agent;

  private ClientInfo(long high, long low, @Nullable String agent) {
    this.high = high;
    this.low = low;
    this.agent = agent;
  }

  /**
   * @param address a literal of IPv4 or IPv6; anything else is unknown
   * @param agent what the client calls itself, null if it does not
   */
  public static ClientInfo of(String address, @Nullable String agent) {
    String name = agent == null ? null : shared(agent);
    try {
      byte[] bytes = InetAddress.ofLiteral(address).getAddress();
      ByteBuffer number = ByteBuffer.wrap(bytes);
      return bytes.length == 4
          ? new ClientInfo(0, IPV4_MAPPED | Integer.toUnsignedLong(number.getInt()), name)
          : new ClientInfo(number.getLong(), number.getLong(), name);
    } catch (IllegalArgumentException noLiteral) {
      return new ClientInfo(0, 0, name);
    }
  }

  /** Null if it is unknown. */
  @Nullable String address() {
    if (high == 0 && low == 0) {
      return null;
    }
    byte[] bytes = ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    try {
      return InetAddress.getByAddress(bytes).getHostAddress();
    } catch (UnknownHostException wrongLength) {
      throw new IllegalStateException(wrongLength);
    }
  }

  @Nullable String agent() {
    return agent;
  }

  /** How many agents are held to be shared. */
  static int shared() {
    return AGENTS.size();
  }

  private static String shared(String agent) {
    String name = agent.length() <= LONGEST_AGENT ? agent : agent.substring(0, LONGEST_AGENT);
    if (AGENTS.size() >= MOST_SHARED) {
      AGENTS.clear();
    }
    String known = AGENTS.putIfAbsent(name, name);
    return known == null ? name : known;
  }
}
