package dev.parley.admin;

import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Has requests of the API pass {@link Audit}, but for those that publish: servers do that all day,
 * and the messages themselves say who it was.
 */
@Configuration(proxyBeanMethods = false)
class AdminConfiguration implements WebMvcConfigurer {

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry
        .addInterceptor(new Audit())
        .addPathPatterns("/api/v1/**")
        .excludePathPatterns(
            "/api/v1/messages", "/api/v1/rooms/*/messages", "/api/v1/users/*/messages");
  }
}
