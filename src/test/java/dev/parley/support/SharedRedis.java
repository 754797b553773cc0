package dev.parley.support;

import io.lettuce.core.RedisURI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A Redis that all tests of a JVM share: in a container where there is a Docker, else a
 * redis-server or valkey-server of the machine, else the one that embedded-redis brings. Tests use
 * rooms of their own and leave the server as it is; faults need a {@link RedisProcess}.
 */
public final class SharedRedis {
  private static final Logger log = LoggerFactory.getLogger(SharedRedis.class);
  private static final RedisURI URI = start();

  private SharedRedis() {}

  public static String host() {
    return URI.getHost();
  }

  public static int port() {
    return URI.getPort();
  }

  public static RedisURI uri() {
    return RedisURI.create(host(), port());
  }

  private static RedisURI start() {
    if (hasDocker()) {
      // Ended by Testcontainers with the JVM.
      @SuppressWarnings("resource")
      GenericContainer<?> container =
          new GenericContainer<>(DockerImageName.parse("redis:7-alpine")).withExposedPorts(6379);
      container.start();
      log.info("Redis for tests: container redis:7-alpine");
      return RedisURI.create(container.getHost(), container.getMappedPort(6379));
    }
    RedisProcess process = RedisProcess.launch();
    log.info("Redis for tests: {}", RedisProcess.binary().orElseThrow());
    return process.uri();
  }

  private static boolean hasDocker() {
    // Asking Testcontainers where there is no Docker costs seconds and a page of warnings.
    return (System.getenv("DOCKER_HOST") != null || Files.exists(Path.of("/var/run/docker.sock")))
        && DockerClientFactory.instance().isDockerAvailable();
  }
}
