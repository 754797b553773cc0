package dev.parley.admin.cluster;

import dev.parley.broker.Broker;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.stereotype.Component;

/**
 * What this instance calls itself: its host and eight digits of its incarnation, so that a
 * restarted one is another. Fixed from the start.
 */
@Component
public class LocalInstance {
  /** RFC 1123, section 2.1. */
  private static final int MAX_HOST = 63;

  private final String host = hostName();
  private final InstanceName name;
  private final String version;
  private final Instant started = Instant.now();

  LocalInstance(Broker broker, ObjectProvider<BuildProperties> build) {
    name = new InstanceName(host + "-" + HexFormat.of().toHexDigits((int) broker.incarnation()));
    BuildProperties properties = build.getIfAvailable();
    String known = properties == null ? null : properties.getVersion();
    version = known == null ? "unknown" : known;
  }

  public InstanceName name() {
    return name;
  }

  String host() {
    return host;
  }

  public String version() {
    return version;
  }

  Instant started() {
    return started;
  }

  private static String hostName() {
    String name = System.getenv("HOSTNAME");
    if (name == null || name.isBlank()) {
      try {
        name = InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException nameless) {
        name = "host";
      }
    }
    String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.-]", "-");
    return plain.length() <= MAX_HOST ? plain : plain.substring(0, MAX_HOST);
  }
}
