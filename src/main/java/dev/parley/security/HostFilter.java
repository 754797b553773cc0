package dev.parley.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.http.HttpStatus;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses requests for a name that is not the service's. Without it a page of anybody's can make
 * its own name resolve to this machine (DNS rebinding), and its requests then count as those of the
 * service's own pages.
 */
final class HostFilter extends OncePerRequestFilter {
  private static final String LOCAL = "localhost";
  private static final Pattern BRACKETS = Pattern.compile("^\\[|]$");

  private final Set<String> names;

  /**
   * @param names allowed beside the local ones, which are {@code localhost}, names that end in
   *     {@code .localhost} (RFC 6761, section 6.3), and loopback addresses
   */
  HostFilter(Collection<String> names) {
    this.names =
        names.stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    // A proxy can say that there is none.
    String name = request.getServerName();
    if (name != null && allows(name.toLowerCase(Locale.ROOT))) {
      chain.doFilter(request, response);
    } else {
      new Problem(HttpStatus.MISDIRECTED_REQUEST, "This service does not accept this host name")
          .writeTo(response);
    }
  }

  private boolean allows(String name) {
    return name.equals(LOCAL)
        || name.endsWith("." + LOCAL)
        || names.contains(name)
        || isLoopback(name);
  }

  private static boolean isLoopback(String name) {
    try {
      return InetAddress.ofLiteral(BRACKETS.matcher(name).replaceAll("")).isLoopbackAddress();
    } catch (IllegalArgumentException noAddress) {
      return false;
    }
  }
}
