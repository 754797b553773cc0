package dev.parley.room;

import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ServerFrame;

/** The frame that tells a client what became of its message. */
public final class PublishAnswer {

  private PublishAnswer() {}

  public static ServerFrame of(ClientFrame.Message message, Outcome<Accepted> outcome) {
    return switch (outcome) {
      case Outcome.Accepted accepted ->
          new ServerFrame.Ack(
              message.ref(),
              message.id(),
              message.room(),
              accepted.offset(),
              accepted.epoch(),
              accepted.timestamp(),
              accepted.duplicate());
      case Outcome.Refused<Accepted> refused ->
          new ServerFrame.Failure(
              message.ref(),
              message.id(),
              message.room(),
              refused.code(),
              null,
              refused.retryAfterMs());
    };
  }
}
