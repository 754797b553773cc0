package dev.parley.room;

import dev.parley.access.Identity;
import dev.parley.broker.Entry;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.budget.Account;
import dev.parley.delivery.Lane;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Carries out what {@link Rooms} has permitted: opens the room for it if need be, and answers where
 * the request came from.
 */
record RoomRequests(
    OpenRooms open, EntryFactory entries, RoomAllowance allowance, RoomMetrics metrics) {

  CompletableFuture<RoomPosition> position(RoomName name, Account asking) {
    CompletableFuture<RoomPosition> answer = new CompletableFuture<>();
    open.inRoom(
        name,
        asking,
        room ->
            room.position(
                position -> answer.complete(new RoomPosition.Known(position)),
                why -> answer.complete(new RoomPosition.Unknown(why))),
        retryAfterMs ->
            answer.complete(
                new RoomPosition.Unknown(
                    new Outcome.Refused<>(ErrorCode.TOO_MANY_ROOMS, retryAfterMs))));
    return answer;
  }

  void join(Membership membership, Joining joining) {
    Participant participant = membership.participant();
    RoomName name = membership.room();
    open.inRoom(
        name,
        participant.account(),
        room -> room.join(membership, joining),
        retryAfterMs ->
            participant
                .outbound()
                .lane()
                .run(() ->
                    participant.refused(
                        name, joining.ref(), ErrorCode.TOO_MANY_ROOMS, retryAfterMs)));
  }

  void publish(
      Participant participant, ClientFrame.Message message, Consumer<Outcome<Accepted>> answer) {
    Lane lane = participant.outbound().lane();
    Entry entry =
        entries.message(
            message, participant.identity(), participant.displayName(), participant.id());
    publish(
        message.room(),
        entry,
        participant.account(),
        outcome -> lane.run(() -> answer.accept(outcome)));
  }

  CompletableFuture<ServerFrame> publish(
      Identity identity, String address, ClientFrame.Message message) {
    CompletableFuture<ServerFrame> answer = new CompletableFuture<>();
    Entry entry = entries.message(message, identity, identity.displayName(), 0);
    Account sender = allowance.account(identity, address);
    publish(
        message.room(),
        entry,
        sender,
        outcome -> answer.complete(PublishAnswer.of(message, outcome)));
    return closing(sender, answer);
  }

  void signal(Participant participant, ClientFrame.Signal signal) {
    Entry entry =
        entries.signal(signal, participant.identity(), participant.displayName(), participant.id());
    open.inRoom(
        signal.room(), participant.account(), room -> room.channel().signal(entry), _ -> {});
  }

  void typing(Participant participant, ClientFrame.Typing typing) {
    open.inRoom(
        typing.room(),
        participant.account(),
        room -> room.typing().typing(participant, typing.active()),
        _ -> {});
  }

  void history(Participant participant, ClientFrame.History request, Consumer<ServerFrame> answer) {
    history(participant.account(), request, participant.outbound().lane()::run, answer);
  }

  CompletableFuture<ServerFrame> history(
      Identity identity, String address, ClientFrame.History request) {
    CompletableFuture<ServerFrame> answer = new CompletableFuture<>();
    Account asking = allowance.account(identity, address);
    history(asking, request, Runnable::run, answer::complete);
    return closing(asking, answer);
  }

  private void publish(
      RoomName name, Entry entry, Account sender, Consumer<Outcome<Accepted>> answer) {
    Consumer<Outcome<Accepted>> counted =
        outcome -> {
          metrics.published(outcome);
          answer.accept(outcome);
        };
    open.inRoom(
        name,
        sender,
        room -> room.publish(entry, sender, counted),
        retryAfterMs ->
            counted.accept(new Outcome.Refused<>(ErrorCode.TOO_MANY_ROOMS, retryAfterMs)));
  }

  /**
   * @param there runs the answer
   */
  private void history(
      Account asking, ClientFrame.History request, Executor there, Consumer<ServerFrame> answer) {
    open.inRoom(
        request.room(),
        asking,
        room -> room.histories().read(request, asking, there, answer),
        retryAfterMs -> there.execute(() -> answer.accept(notOpened(request, retryAfterMs))));
  }

  private static ServerFrame notOpened(ClientFrame.History request, long retryAfterMs) {
    return new ServerFrame.Failure(
        request.ref(), null, request.room(), ErrorCode.TOO_MANY_ROOMS, null, retryAfterMs);
  }

  /** Whatever is taken for the request is taken before it is answered. */
  private static CompletableFuture<ServerFrame> closing(
      Account account, CompletableFuture<ServerFrame> answer) {
    return answer.whenComplete((_, _) -> account.close());
  }
}
