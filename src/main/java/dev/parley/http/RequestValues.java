package dev.parley.http;

import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.convert.converter.Converter;
import org.springframework.core.convert.converter.ConverterRegistry;
import org.springframework.format.FormatterRegistry;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Reads path variables and query parameters as the types that handlers ask for, and refuses with
 * 400, naming the parameter, what is not of its form or not a parameter of the request.
 */
@Configuration(proxyBeanMethods = false)
public class RequestValues implements WebMvcConfigurer {

  /** After those that note who makes a request: what is refused here is noted as well. */
  private static final int LAST = 100;

  @Override
  public void addFormatters(FormatterRegistry registry) {
    registry.addConverter(
        String.class, RoomName.class, converter(RoomName::parse, ErrorCode.INVALID_ROOM, null));
    add(
        registry,
        UserId.class,
        UserId::parse,
        "is expected to be 1-127 characters of A-Z a-z 0-9 . _ : ~ @ | + = -");
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(new QueryCheck()).addPathPatterns("/api/v1/**").order(LAST);
  }

  /**
   * Has Spring read values of this type by a method that gives null for what is not one.
   *
   * @param expected goes on behind the parameter's name, such as "is expected to be an id"
   */
  public static <T> void add(
      ConverterRegistry registry,
      Class<T> type,
      Function<String, @Nullable T> parse,
      String expected) {
    registry.addConverter(
        String.class, type, converter(parse, ErrorCode.INVALID_MESSAGE, expected));
  }

  private static <T> Converter<String, T> converter(
      Function<String, @Nullable T> parse, ErrorCode code, @Nullable String expected) {
    return text -> {
      T value = parse.apply(text);
      if (value == null) {
        throw new UnreadableException(code, expected);
      }
      return value;
    };
  }
}
