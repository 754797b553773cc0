package dev.parley.room;

import dev.parley.access.Identity;
import dev.parley.budget.Account;
import dev.parley.delivery.Outbound;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import org.jspecify.annotations.Nullable;

/** A participant that throws at what the test wants it to throw. */
final class FaultyMember implements Participant {
  private final Participant member;
  boolean hasNoName;
  boolean hasNoAudience;
  boolean cannotJoin;
  boolean cannotLeave;

  FaultyMember(Participant member) {
    this.member = member;
  }

  @Override
  public String displayName() {
    if (hasNoName) {
      throw new IllegalStateException("no name");
    }
    return member.displayName();
  }

  @Override
  public ProtocolMode mode() {
    if (hasNoAudience) {
      throw new IllegalStateException("no mode");
    }
    return member.mode();
  }

  @Override
  public void joined(ServerFrame.Joined joined) {
    if (cannotJoin) {
      throw new IllegalStateException("cannot join");
    }
    member.joined(joined);
  }

  @Override
  public void refused(
      RoomName room, @Nullable String ref, ErrorCode code, @Nullable Long retryAfterMs) {
    member.refused(room, ref, code, retryAfterMs);
  }

  @Override
  public boolean forceLeave(RoomName room, String reason) {
    if (cannotLeave) {
      throw new IllegalStateException("cannot leave");
    }
    return true;
  }

  @Override
  public void lost(RoomName room) {
    member.lost(room);
  }

  @Override
  public long id() {
    return member.id();
  }

  @Override
  public Identity identity() {
    return member.identity();
  }

  @Override
  public Account account() {
    return member.account();
  }

  @Override
  public Outbound outbound() {
    return member.outbound();
  }
}
