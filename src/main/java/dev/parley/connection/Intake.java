package dev.parley.connection;

import dev.parley.budget.Account;

/**
 * What a connection holds of what its client sent, and whether more is read. It is not read while
 * too much is unanswered or waits: TCP then slows the sender, and nothing queues here. Owned by the
 * connection's lane.
 */
abstract class Intake {
  /** Unanswered publishes beyond which a connection is not read. */
  static final int MAX_UNANSWERED = 64;

  private final ConnectionSettings settings;
  private Account account = Account.NOBODY;
  private int unanswered;

  /** Of frames that wait their turn or an answer. */
  private long waitingBytes;

  private boolean paused;

  Intake(ConnectionSettings settings) {
    this.settings = settings;
  }

  final void chargedTo(Account answering) {
    account = answering;
  }

  public final Account account() {
    return account;
  }

  protected final ConnectionSettings settings() {
    return settings;
  }

  /**
   * Counts bytes of what the client sent that nobody can take yet, until they are {@linkplain
   * #release released}; false if the instance holds enough of them, or the user does.
   */
  public final boolean tryHold(long bytes) {
    return tryHold(0, bytes);
  }

  /**
   * As {@link #tryHold(long)}, for something that grows.
   *
   * @param held bytes of it that are counted already, and stay so if more may not be held
   * @param bytes that it is to have altogether
   */
  public final boolean tryHold(long held, long bytes) {
    return settings.inbound().tryReplace(account, held, bytes);
  }

  public final void release(long bytes) {
    settings.inbound().give(account, bytes);
  }

  /** Whether another message may be handed over; if not, {@link Transport#resume} tells when. */
  public final boolean isReadable() {
    boolean readable =
        unanswered < MAX_UNANSWERED
            && waitingBytes < settings.maxWaitingBytes()
            && !isHeld()
            && !isEnding();
    paused = !readable;
    return readable;
  }

  /** Whether reading waits until more may be handed over. */
  final boolean isPaused() {
    return paused;
  }

  /** Whether something else than unanswered publishes keeps it from being read. */
  protected boolean isHeld() {
    return false;
  }

  /** Reads on, if reading paused and may go on now. */
  protected final void resume() {
    if (paused && isReadable()) {
      transport().resume();
    }
  }

  /** A frame of so many bytes waits its turn, until {@link #waitsNoMore}. */
  protected final void waits(long bytes) {
    waitingBytes += bytes;
  }

  protected final void waitsNoMore(long bytes) {
    waitingBytes -= bytes;
  }

  /** Something of so many bytes is on its way to a room, and {@link #answered} will follow. */
  protected final void unanswered(long bytes) {
    unanswered++;
    waits(bytes);
  }

  protected final void answered(long bytes) {
    unanswered--;
    waitsNoMore(bytes);
    resume();
    settle();
  }

  /** Whether something that the peer sent is still to take effect or to be answered. */
  protected boolean isUnfinished() {
    return unanswered > 0;
  }

  /** Something has taken effect: if the peer has ended and it was the last, the connection ends. */
  protected abstract void settle();

  /** Whether it ends, or will as soon as what its peer sent has taken effect. */
  protected abstract boolean isEnding();

  abstract Transport transport();
}
