package dev.parley.browser;

import java.util.List;

/** The tutorials in src/test/resources/articles, copied byte for byte. */
final class Articles {
  /** A Detailed Guide to WebSockets: Real-Time Communication Simplified. */
  static final String DETAILED = "000_77600dc21209eff6.txt";

  /** Understanding WebSockets: A Complete Guide to Real-Time Communication. */
  static final String COMPLETE = "001_2dc83fac41263a56.txt";

  /** Understand how WebSockets enable seamless, real-time communication on the web. */
  static final String UNDERSTAND = "002_eb8eb0a71ae57e1f.txt";

  /** Websockets: Complete Guide of the Importance in Real-time Web Apps. */
  static final String IMPORTANCE = "003_a66371ed69fdea2f.txt";

  /** Building Real-Time Communication Features Using WebSockets. */
  static final String BUILDING = "004_1b6bfb54a446719e.txt";

  static final List<String> ALL = List.of(DETAILED, COMPLETE, UNDERSTAND, IMPORTANCE, BUILDING);

  private Articles() {}
}
