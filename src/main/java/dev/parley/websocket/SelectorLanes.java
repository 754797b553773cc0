package dev.parley.websocket;

import dev.parley.budget.Budget;
import dev.parley.delivery.Lanes;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectableChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lanes of the application's connector, one for each of its selectors. */
final class SelectorLanes {
  private static final Logger log = LoggerFactory.getLogger(SelectorLanes.class);

  private final List<SelectorLane> all = new ArrayList<>();

  SelectorLanes(int count, Budget total, ScheduledExecutorService timer) {
    for (int i = 0; i < count; i++) {
      all.add(new SelectorLane(i, total, timer));
    }
  }

  Lanes lanes() {
    return new Lanes(all);
  }

  /**
   * The connector, or one like it that has a selector for each lane: Boot makes the one for TLS
   * itself and leaves the number to Jetty.
   */
  ServerConnector withSelectors(ServerConnector connector) {
    if (connector.getSelectorManager().getSelectorCount() == all.size()) {
      return connector;
    }
    ServerConnector own =
        new ServerConnector(
            connector.getServer(),
            connector.getAcceptors(),
            all.size(),
            connector.getConnectionFactories().toArray(ConnectionFactory[]::new));
    own.setName(connector.getName());
    own.setHost(connector.getHost());
    own.setPort(connector.getPort());
    own.setIdleTimeout(connector.getIdleTimeout());
    own.setShutdownIdleTimeout(connector.getShutdownIdleTimeout());
    own.setAcceptQueueSize(connector.getAcceptQueueSize());
    return own;
  }

  /** Attaches the lanes when the connector's selectors have started, which is before it accepts. */
  void attachTo(ServerConnector connector) {
    connector
        .getSelectorManager()
        .addEventListener(
            new LifeCycle.Listener() {
              @Override
              public void lifeCycleStarted(LifeCycle manager) {
                attach(connector.getSelectorManager().getBeans(ManagedSelector.class));
              }
            });
  }

  /** The lane of the selector that reads this connection. */
  SelectorLane of(EndPoint endPoint) {
    SelectableChannel channel = channel(endPoint);
    for (SelectorLane lane : all) {
      ManagedSelector selector = lane.selector();
      if (selector != null && channel.keyFor(selector.getSelector()) != null) {
        return lane;
      }
    }
    throw new IllegalStateException("no lane reads " + endPoint);
  }

  /** Closing this connection will send a reset rather than what is left to send. */
  static void resetOnClose(EndPoint endPoint) {
    try {
      if (channel(endPoint) instanceof SocketChannel socket) {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
      }
    } catch (IOException closedAlready) {
      log.debug("{} was closed already", endPoint);
    }
  }

  private static SelectableChannel channel(EndPoint endPoint) {
    EndPoint innermost = endPoint;
    while (innermost instanceof EndPoint.Wrapper wrapper) {
      innermost = wrapper.unwrap();
    }
    if (innermost instanceof SelectableChannelEndPoint selectable) {
      return selectable.getChannel();
    }
    throw new IllegalStateException("no selectable channel below " + endPoint);
  }

  private void attach(Collection<ManagedSelector> selectors) {
    if (selectors.size() != all.size()) {
      throw new IllegalStateException(
          "the connector has %d selectors for %d lanes".formatted(selectors.size(), all.size()));
    }
    Iterator<SelectorLane> lane = all.iterator();
    selectors.forEach(selector -> lane.next().attach(selector));
  }
}
