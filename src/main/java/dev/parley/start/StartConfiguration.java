package dev.parley.start;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Checks the settings before anything is made of them. */
@Configuration(proxyBeanMethods = false)
class StartConfiguration {

  @Bean
  static UnknownSettings unknownSettings(Environment environment) {
    return new UnknownSettings(environment);
  }

  @Bean
  static RedisUrl redisUrl(Environment environment) {
    return new RedisUrl(environment);
  }
}
