package dev.parley.websocket;

import dev.parley.access.Identity;
import dev.parley.connection.Connection;
import dev.parley.connection.ConnectionSettings;
import dev.parley.protocol.WebSocketFraming;
import java.util.Arrays;

/**
 * {@code /echo}: every message comes back as it was sent. A sender that does not read its echoes,
 * or sends above the rate, is not read either.
 */
final class EchoConnection extends Connection {

  private final Pace pace;

  EchoConnection(long id, Identity identity, ConnectionSettings settings, Pace pace) {
    super(id, identity, settings);
    this.pace = pace;
  }

  @Override
  protected void opened() {}

  @Override
  protected String kind() {
    return "echo";
  }

  @Override
  protected void receiveText(byte[] bytes, int offset, int length) {
    echo(WebSocketFraming.text(Arrays.copyOfRange(bytes, offset, offset + length)));
  }

  @Override
  protected void receiveBinary(byte[] bytes, int offset, int length) {
    echo(WebSocketFraming.binary(Arrays.copyOfRange(bytes, offset, offset + length)));
  }

  @Override
  protected void left() {}

  @Override
  protected boolean isHeld() {
    return !outbound().hasRoom() || pace.isResting();
  }

  private void echo(byte[] frame) {
    outbound().send(frame);
    if (!outbound().hasRoom()) {
      outbound().whenRoom(this::resume);
    }
    pace.pay(outbound().lane(), this::resume);
  }
}
