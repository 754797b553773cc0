package dev.parley.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ArticleCodeTests {
  @Test
  void findsTheIndentedSample() {
    assertThat(firstLines(Articles.DETAILED))
        .containsExactly("const socket = new WebSocket('wss://example.com/socket');");
  }

  @Test
  void findsTheFencedSamples() {
    assertThat(firstLines(Articles.COMPLETE))
        .containsExactly(
            "GET /chat HTTP/1.1",
            "HTTP/1.1 101 Switching Protocols",
            "const socket = new WebSocket('ws://localhost:8080');",
            "// Send text",
            "// Check connection state",
            "const WebSocket = require('ws');",
            "const WebSocket = require('ws');",
            "<!DOCTYPE html>",
            "let reconnectAttempts = 0;",
            "// Server-side heartbeat",
            "ws.on('message', (data) => {",
            "// Client",
            "function sendLargeData(socket, data) {",
            "// Pass token in connection URL",
            "const redis = require('redis');");
  }

  @Test
  void findsTheSamplesAmidProse() {
    assertThat(firstLines(Articles.UNDERSTAND))
        .containsExactly(
            "const socket = new WebSocket('wss://example.com/socket');",
            "socket.onclose = () => {",
            "const WebSocket = require('ws');");
    assertThat(firstLines(Articles.BUILDING))
        .containsExactly(
            "const socket = new WebSocket(\"wss://example.com/socket\");",
            "const WebSocket = require(\"ws\");");
  }

  @Test
  void findsTheNumberedSamples() {
    assertThat(firstLines(Articles.IMPORTANCE))
        .containsExactly(
            "const WebSocket = require('ws');",
            "<!DOCTYPE html>",
            "wss.on('connection', ws => {",
            "socket.addEventListener('open', event => {");
  }

  @Test
  void leavesNoLineNumbersAndTakesNoLineOfProse() {
    assertThat(ArticleCode.sample(Articles.IMPORTANCE, "<!DOCTYPE html>").lines())
        .hasSize(25)
        .noneMatch(Pattern.compile("^\\d").asPredicate())
        .contains("        const socket = new WebSocket('ws://localhost:8080');")
        .endsWith("</body>", "</html>");
    assertThat(ArticleCode.sample(Articles.UNDERSTAND, "reconnectSocket").lines())
        .containsExactly(
            "socket.onclose = () => {",
            "setTimeout(() => {",
            "reconnectSocket(); // try reconnecting after delay",
            "}, 3000);",
            "};");
  }

  @Test
  void endsTheClientPartWhereTheServersBegins() {
    String sample = ArticleCode.sample(Articles.COMPLETE, "authToken");

    assertThat(ArticleCode.clientPart(sample).strip().lines())
        .containsExactly(
            "// Pass token in connection URL",
            "const token = localStorage.getItem('authToken');",
            "const socket = new WebSocket(`ws://localhost:8080?token=${token}`);");
  }

  @ParameterizedTest
  @FieldSource("dev.parley.browser.Articles#ALL")
  void everySampleHasStraightQuotesAndBalancedBrackets(String article) {
    for (String sample : ArticleCode.samplesOf(article)) {
      assertThat(sample).doesNotContainPattern("[‘’“”]");
      assertThat(count(sample, '(')).as(sample).isEqualTo(count(sample, ')'));
      assertThat(count(sample, '{')).as(sample).isEqualTo(count(sample, '}'));
    }
  }

  private static List<String> firstLines(String article) {
    return ArticleCode.samplesOf(article).stream()
        .map(sample -> sample.lines().findFirst().orElseThrow())
        .toList();
  }

  private static long count(String text, char wanted) {
    return text.chars().filter(character -> character == wanted).count();
  }
}
