package dev.parley.admin;

import dev.parley.admin.cluster.ConnectionName;
import dev.parley.admin.cluster.InstanceName;
import dev.parley.http.RequestValues;
import org.springframework.context.annotation.Configuration;
import org.springframework.format.FormatterRegistry;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Has paths and queries read as the cluster's names, and requests of the API pass {@link Audit},
 * but for those that publish: servers do that all day, and the messages themselves say who it was.
 */
@Configuration(proxyBeanMethods = false)
class AdminConfiguration implements WebMvcConfigurer {

  @Override
  public void addFormatters(FormatterRegistry registry) {
    RequestValues.add(
        registry,
        InstanceName.class,
        InstanceName::parse,
        "is expected to be an id that GET /api/v1/instances gives");
    RequestValues.add(
        registry,
        ConnectionName.class,
        ConnectionName::parse,
        "is expected to be an id that GET /api/v1/connections gives");
    RequestValues.add(registry, MessageOffset.class, MessageOffset::parse, MessageOffset.EXPECTED);
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry
        .addInterceptor(new Audit())
        .addPathPatterns("/api/v1/**")
        .excludePathPatterns(
            "/api/v1/messages", "/api/v1/rooms/*/messages", "/api/v1/users/*/messages");
  }
}
