package dev.parley.attack;

import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * The instances that several classes attack, one class after the other. To start one takes as long
 * as most attacks do, and one that has been running is what attackers meet. Each is started for the
 * first class that registers it, and ended when all tests are over.
 */
final class Shared implements BeforeAllCallback {
  static final Shared EMBEDDED = new Shared(() -> Siege.ofOne("attack"));

  /** Reaches its Redis through a proxy. */
  static final Shared REDIS = new Shared(() -> Siege.onDistantRedis("attack-redis"));

  private final Supplier<Siege> launch;
  private volatile @Nullable Siege siege;

  private Shared(Supplier<Siege> launch) {
    this.launch = launch;
  }

  /** Without a redis-server on this machine the class is aborted. */
  @Override
  public void beforeAll(ExtensionContext context) {
    siege =
        context
            .getRoot()
            .getStore(Namespace.create(Shared.class))
            .computeIfAbsent(this, first -> launch.get(), Siege.class);
  }

  Siege siege() {
    return Objects.requireNonNull(siege);
  }
}
