package dev.parley;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.data.redis.autoconfigure.observation.LettuceObservationAutoConfiguration;

/**
 * The service's entry point. Boot would observe each command to Redis, which takes a third of the
 * time of the thread that talks to it; {@code parley_redis_round_trip_seconds} tells what matters.
 */
@SpringBootApplication(exclude = LettuceObservationAutoConfiguration.class)
@ConfigurationPropertiesScan
public class Parley {

  public static void main(String[] args) {
    SpringApplication.run(Parley.class, args);
  }
}
