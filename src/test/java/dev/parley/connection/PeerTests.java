package dev.parley.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PeerTests {

  @Test
  void addressesOfBothFamiliesAreKept() {
    assertThat(Peer.of("192.0.2.255", null).address()).isEqualTo("192.0.2.255");
    assertThat(Peer.of("2001:db8::ff00:0:1", null).address()).isEqualTo("2001:db8:0:0:0:ff00:0:1");
    assertThat(Peer.of("::1", null).address()).isEqualTo("0:0:0:0:0:0:0:1");
    assertThat(Peer.of("255.255.255.255", null).address()).isEqualTo("255.255.255.255");
  }

  @Test
  void whatIsNoAddressIsUnknown() {
    assertThat(Peer.of("unknown", null).address()).isNull();
    assertThat(Peer.of("", null).address()).isNull();
    assertThat(Peer.UNKNOWN.address()).isNull();
  }

  @Test
  void agentIsCutAndSharedByAllOfItsKind() {
    String name = "Browser/1 " + "x".repeat(200);
    Peer one = Peer.of("192.0.2.1", name);
    Peer two = Peer.of("192.0.2.2", name + "y");
    assertThat(one.agent()).isEqualTo(name.substring(0, Peer.LONGEST_AGENT));
    assertThat(two.agent()).isSameAs(one.agent());
    assertThat(Peer.of("192.0.2.1", null).agent()).isNull();
  }

  @Test
  void madeUpAgentsAreForgotten() {
    for (int i = 0; i < 5_000; i++) {
      assertThat(Peer.of("192.0.2.1", "agent " + i).agent()).isEqualTo("agent " + i);
    }
    assertThat(Peer.shared()).isLessThanOrEqualTo(1_000);
  }
}
