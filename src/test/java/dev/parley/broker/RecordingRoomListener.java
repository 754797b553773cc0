package dev.parley.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.parley.protocol.Epoch;
import dev.parley.protocol.Position;
import dev.parley.protocol.ReadMark;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Notes all that a room's listener is told, in order. */
public class RecordingRoomListener implements RoomListener {

  /** A message with the position it was heard at. */
  public record Message(Position position, Entry entry) {
    String text() {
      return new String(entry.tail(), UTF_8);
    }
  }

  public record Deleted(long offset) {}

  public final List<Object> events = Collections.synchronizedList(new ArrayList<>());
  public final List<Head> opened = new CopyOnWriteArrayList<>();
  public final List<Head> heads = new CopyOnWriteArrayList<>();
  private final AtomicInteger messages = new AtomicInteger();
  public final AtomicInteger failures = new AtomicInteger();
  public final List<PresenceChange> presence = new CopyOnWriteArrayList<>();

  public List<Message> messages() {
    return only(Message.class);
  }

  public List<String> texts() {
    return messages().stream().map(Message::text).toList();
  }

  public List<Long> offsets() {
    return messages().stream().map(message -> message.position().offset()).toList();
  }

  public <T> List<T> only(Class<T> type) {
    synchronized (events) {
      return events.stream().filter(type::isInstance).map(type::cast).toList();
    }
  }

  /** How many messages were heard. */
  public int count() {
    return messages.get();
  }

  @Override
  public void opened(Outcome<Head> outcome) {
    switch (outcome) {
      case Head head -> {
        events.add(head);
        opened.add(head);
      }
      case Outcome.Refused<Head> _ -> failures.incrementAndGet();
    }
  }

  @Override
  public void messages(Epoch epoch, long first, List<Entry> entries) {
    for (int i = 0; i < entries.size(); i++) {
      events.add(new Message(new Position(epoch, first + i), entries.get(i)));
    }
    messages.addAndGet(entries.size());
  }

  @Override
  public void signal(Entry entry) {
    events.add(entry);
  }

  @Override
  public void typing(Typing typing) {
    events.add(typing);
  }

  @Override
  public void presence(PresenceChange change) {
    events.add(change);
    presence.add(change);
  }

  @Override
  public void read(List<ReadMark> marks) {
    events.addAll(marks);
  }

  @Override
  public void deleted(long offset) {
    events.add(new Deleted(offset));
  }

  @Override
  public void head(Head head) {
    events.add(head);
    heads.add(head);
  }
}
