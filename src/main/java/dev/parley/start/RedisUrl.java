package dev.parley.start;

import java.net.URI;
import java.net.URISyntaxException;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.Environment;

/** Fails the start for a URL of Redis that is none, which Boot would show with its password. */
final class RedisUrl implements BeanFactoryPostProcessor {
  private static final String SETTING = "spring.data.redis.url";

  private final Environment environment;

  RedisUrl(Environment environment) {
    this.environment = environment;
  }

  @Override
  public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
    String url = environment.getProperty(SETTING);
    boolean used = "redis".equalsIgnoreCase(environment.getProperty("parley.broker"));
    if (used && url != null && !url.isEmpty() && !isUsable(url)) {
      throw new SettingException(
          SETTING + " is not the URL of a Redis.",
          "Write it redis://user:password@host:port, or rediss:// for TLS, with %40 for an @ in the"
              + " password, or set spring.data.redis.host, .port and .password.");
    }
  }

  private static boolean isUsable(String url) {
    try {
      URI uri = new URI(url);
      return uri.getHost() != null
          && ("redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme()));
    } catch (URISyntaxException malformed) {
      return false;
    }
  }
}
