package dev.parley.admin.openapi;

import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ClassPathResource;

/** The document's texts, read from {@code texts.yml} beside this class. */
final class ApiTexts {
  private static final Properties TEXTS = load();

  private ApiTexts() {}

  /**
   * @param key such as {@code fields.room}
   * @throws IllegalArgumentException if there is none
   */
  static String of(String key) {
    String text = find(key);
    if (text == null) {
      throw new IllegalArgumentException("texts.yml has no " + key);
    }
    return text;
  }

  /** Null if there is none. */
  static @Nullable String find(String key) {
    return TEXTS.getProperty(key);
  }

  /** All under this key, by the rest of their keys. */
  static Map<String, String> under(String key) {
    String prefix = key + ".";
    Map<String, String> texts = new TreeMap<>();
    for (String name : TEXTS.stringPropertyNames()) {
      if (name.startsWith(prefix)) {
        texts.put(name.substring(prefix.length()), TEXTS.getProperty(name));
      }
    }
    return texts;
  }

  private static Properties load() {
    YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new ClassPathResource("texts.yml", ApiTexts.class));
    Properties texts = yaml.getObject();
    if (texts == null) {
      throw new IllegalStateException("texts.yml is empty");
    }
    return texts;
  }
}
