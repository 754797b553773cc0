package dev.parley.broker.redis;

import dev.parley.readiness.Alarm;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@link Alarm} of one Redis, shared by all connections to it. Safe for use by any thread. */
final class RedisAlarm {
  private static final Logger log = LoggerFactory.getLogger(RedisAlarm.class);

  private final Alarm alarm = new Alarm(log);
  private final String address;

  /**
   * @param address of Redis, for people
   */
  RedisAlarm(String address) {
    this.address = address;
  }

  /**
   * @param source who has the problem, and is to {@link #clear} it
   */
  void raise(Object source, RedisProblem problem) {
    alarm.raise(source, new Alarm.Trouble(problem.kind(), problem.sentence(address)));
  }

  void clear(Object source) {
    alarm.clear(source, "Redis at " + address + " can be used again");
  }

  String address() {
    return address;
  }

  List<String> sentences() {
    return alarm.sentences();
  }
}
