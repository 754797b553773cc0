package dev.parley.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClientInfoTests {

  @Test
  void addressesOfBothFamiliesAreKept() {
    assertThat(ClientInfo.of("192.0.2.255", null).address()).isEqualTo("192.0.2.255");
    assertThat(ClientInfo.of("2001:db8::ff00:0:1", null).address())
        .isEqualTo("2001:db8:0:0:0:ff00:0:1");
    assertThat(ClientInfo.of("::1", null).address()).isEqualTo("0:0:0:0:0:0:0:1");
    assertThat(ClientInfo.of("255.255.255.255", null).address()).isEqualTo("255.255.255.255");
  }

  @Test
  void whatIsNoAddressIsUnknown() {
    assertThat(ClientInfo.of("unknown", null).address()).isNull();
    assertThat(ClientInfo.of("", null).address()).isNull();
    assertThat(ClientInfo.UNKNOWN.address()).isNull();
  }

  @Test
  void agentIsCutAndSharedByAllOfItsKind() {
    String name = "Browser/1 " + "x".repeat(200);
    ClientInfo one = ClientInfo.of("192.0.2.1", name);
    ClientInfo two = ClientInfo.of("192.0.2.2", name + "y");
    assertThat(one.agent()).isEqualTo(name.substring(0, ClientInfo.LONGEST_AGENT));
    assertThat(two.agent()).isSameAs(one.agent());
    assertThat(ClientInfo.of("192.0.2.1", null).agent()).isNull();
  }

  @Test
  void madeUpAgentsAreForgotten() {
    for (int i = 0; i < 5_000; i++) {
      assertThat(ClientInfo.of("192.0.2.1", "agent " + i).agent()).isEqualTo("agent " + i);
    }
    assertThat(ClientInfo.shared()).isLessThanOrEqualTo(1_000);
  }
}
