package dev.parley.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.util.DigestUtils;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Serves the modules of the JavaScript client at {@code /client/parley.js}, to pages of any site.
 * They are public code and hold nothing of this service. Browsers ask each time whether they have
 * changed, because an upgrade of the service changes them under the same names.
 */
@Configuration(proxyBeanMethods = false)
class ClientModules implements WebMvcConfigurer {
  private static final String PATHS = "/client/**";

  /** By the file's name; the files of a jar do not change. */
  private final Map<String, String> tags = new ConcurrentHashMap<>();

  @Override
  public void addResourceHandlers(ResourceHandlerRegistry registry) {
    registry
        .addResourceHandler(PATHS)
        .addResourceLocations("classpath:/client/")
        .setCacheControl(CacheControl.noCache().cachePublic())
        // The time of a file in a jar says when it was built, not what is in it.
        .setUseLastModified(false)
        .setEtagGenerator(file -> tags.computeIfAbsent(file.getDescription(), name -> tag(file)));
  }

  @Override
  public void addCorsMappings(CorsRegistry registry) {
    registry.addMapping(PATHS).allowedOrigins("*").allowedMethods("GET", "HEAD");
  }

  private static String tag(Resource file) {
    try {
      return '"' + DigestUtils.md5DigestAsHex(file.getContentAsByteArray()) + '"';
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }
}
