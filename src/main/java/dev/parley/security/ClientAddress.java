package dev.parley.security;

import jakarta.servlet.http.HttpServletRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HexFormat;

/** Whom a limit by address means. */
public final class ClientAddress {
  private static final int PREFIX_BYTES = 8;
  private static final int MAX_LENGTH = 64;

  private ClientAddress() {}

  /**
   * The peer's address, or the one that a proxy forwarded if {@code
   * server.forward-headers-strategy} believes it. Of IPv6 the first 64 bits: whoever has one such
   * network has 2<sup>64</sup> addresses.
   */
  public static String of(HttpServletRequest request) {
    return of(request.getRemoteAddr());
  }

  /** The same of an address as text. */
  public static String of(String text) {
    try {
      InetAddress address = InetAddress.ofLiteral(text);
      return address instanceof Inet6Address
          ? HexFormat.of().formatHex(address.getAddress(), 0, PREFIX_BYTES)
          : address.getHostAddress();
    } catch (IllegalArgumentException noLiteral) {
      return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH);
    }
  }
}
