package dev.parley.budget;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * {@code parley.budget}: how much of the JVM's maximal heap may be held for what, in percent.
 * Frames for slow readers have a bound of their own, {@code parley.outbound.total}. All budgets of
 * one broker together may have at most {@value #MOST} percent: the rest is for the service itself,
 * for slow readers and for garbage.
 *
 * @param connections open connections, at about 3 KiB each; beyond them a handshake is answered
 *     with 503
 * @param rooms rooms that are open on the instance, and who is in them; beyond them {@code
 *     too_many_rooms}
 * @param inbound unfinished messages, and frames that wait for a join or an answer; beyond it those
 *     who hold it are not read, or refused
 * @param replay pages of logs for those who catch up or read the history; beyond it they wait
 * @param log messages, ids and rooms of the embedded broker; beyond it the oldest messages go, and
 *     messages with a new id are refused
 * @param bus what Redis delivered and no lane has taken yet; beyond it the log is read instead
 * @param publish messages that Redis has not answered for; beyond it {@code broker_unavailable}
 * @param rest bodies and answers of requests over HTTP in progress; beyond it 503
 * @param userShare how much of rooms, inbound, publish and rest one user may hold, and how much of
 *     replay it may read logs into, in percent of each; guests count by their address
 */
@Validated
@ConfigurationProperties("parley.budget")
public record BudgetProperties(
    @DefaultValue("16") @Min(1) @Max(MOST) int connections,
    @DefaultValue("12") @Min(1) @Max(MOST) int rooms,
    @DefaultValue("6") @Min(1) @Max(MOST) int inbound,
    @DefaultValue("6") @Min(1) @Max(MOST) int replay,
    @DefaultValue("16") @Min(1) @Max(MOST) int log,
    @DefaultValue("8") @Min(1) @Max(MOST) int bus,
    @DefaultValue("8") @Min(1) @Max(MOST) int publish,
    @DefaultValue("3") @Min(1) @Max(MOST) int rest,
    @DefaultValue("25") @Min(1) @Max(100) int userShare) {

  static final int MOST = 70;

  /**
   * @throws IllegalArgumentException if the budgets of one broker add up to more than {@value
   *     #MOST} percent
   */
  public BudgetProperties {
    int broker = Math.max(log, bus + publish);
    if (connections + rooms + inbound + replay + broker + rest > MOST) {
      throw new IllegalArgumentException(
          "parley.budget.connections, rooms, inbound, replay, rest and the larger of log and bus +"
              + " publish add up to more than "
              + MOST
              + " percent");
    }
  }

  /**
   * The budgets under a heap of this size.
   *
   * @param outbound bytes for slow readers
   */
  Budgets budgets(long heap, long outbound) {
    return new Budgets(
        kind -> kind == BudgetKind.OUTBOUND ? outbound : heap / 100 * percent(kind), userShare);
  }

  private int percent(BudgetKind kind) {
    return switch (kind) {
      case CONNECTIONS -> connections;
      case ROOMS -> rooms;
      case INBOUND -> inbound;
      case OUTBOUND -> 0;
      case REPLAY -> replay;
      case LOG -> log;
      case BUS -> bus;
      case PUBLISH -> publish;
      case REST -> rest;
    };
  }
}
