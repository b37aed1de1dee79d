package dev.gvmi.libp2p.transport.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.transport.Transport;
import io.netty.channel.Channel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a network adds to its transports: numbers, faults, partitions. */
@Timeout(60)
final class MemoryNetworkTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Multiaddr ANYWHERE = Multiaddr.parse("/memory/0");

  private final List<MemoryNetwork> networks = new ArrayList<>();
  private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();

  private MemoryNetwork network(MemoryFaults faults) {
    MemoryNetwork network = new MemoryNetwork(2, faults);
    networks.add(network);
    return network;
  }

  @AfterEach
  void close() {
    networks.forEach(MemoryNetwork::close);
  }

  private Channel dial(Transport from, Multiaddr to) throws Exception {
    return from.dial(to, LIMIT).get(20, TimeUnit.SECONDS);
  }

  private static boolean closes(Channel channel) throws InterruptedException {
    return channel.closeFuture().await(10, TimeUnit.SECONDS);
  }

  @Test
  void aMachineConnectsFromTheNumberThatItListensOn() throws Exception {
    MemoryNetwork network = network(MemoryFaults.NONE);
    Transport one = network.transport();
    Transport two = network.transport();
    Multiaddr listening = one.listen(ANYWHERE, accepted::add);
    Multiaddr other = two.listen(ANYWHERE, accepted::add);
    dial(two, listening);
    assertThat(one.remoteAddress(accepted.take())).isEqualTo(other);
  }

  @Test
  void takesTheNumberThatIsAskedFor() throws Exception {
    MemoryNetwork network = network(MemoryFaults.NONE);
    Multiaddr two = Multiaddr.parse("/memory/2");
    Transport first = network.transport();
    assertThat(first.listen(two, accepted::add)).isEqualTo(two);
    assertThat(network.transport().listen(ANYWHERE, accepted::add)).isNotEqualTo(two);
    first.close();
    assertThat(network.transport().listen(two, accepted::add)).isEqualTo(two);
  }

  @Test
  void handlesNumbersOnly() {
    Transport transport = network(MemoryFaults.NONE).transport();
    for (String other : List.of("/memory/x", "/memory/1234567890123456789", "/ip4/1.2.3.4/tcp/1")) {
      assertThat(transport.handles(Multiaddr.parse(other))).as(other).isFalse();
    }
  }

  @Test
  void networksDoNotReachEachOther() throws Exception {
    Multiaddr listening = network(MemoryFaults.NONE).transport().listen(ANYWHERE, accepted::add);
    Transport other = network(MemoryFaults.NONE).transport();
    assertThatThrownBy(() -> dial(other, listening)).isInstanceOf(ExecutionException.class);
  }

  @Test
  void aPartitionBreaksWhatCrossesItUntilItHeals() throws Exception {
    MemoryNetwork network = network(MemoryFaults.NONE);
    Transport one = network.transport();
    Transport two = network.transport();
    Transport three = network.transport();
    Multiaddr atOne = one.listen(ANYWHERE, accepted::add);
    Multiaddr atTwo = two.listen(ANYWHERE, accepted::add);
    Multiaddr atThree = three.listen(ANYWHERE, accepted::add);
    Channel crossing = dial(three, atOne);
    Channel within = dial(two, atOne);
    network.partition(List.of(Set.of(atOne, atTwo), Set.of(atThree)));
    assertThat(closes(crossing)).isTrue();
    assertThatThrownBy(() -> dial(one, atThree)).isInstanceOf(ExecutionException.class);
    assertThat(within.isActive()).isTrue();
    network.partition(List.of(Set.of(atTwo)));
    assertThat(closes(within)).isTrue();
    assertThat(dial(three, atOne).isActive()).isTrue();
    network.heal();
    assertThat(dial(two, atOne).isActive()).isTrue();
  }

  @Test
  void aPartitionNamesMachinesThatExist() {
    MemoryNetwork network = network(MemoryFaults.NONE);
    assertThatThrownBy(() -> network.partition(List.of(Set.of(Multiaddr.parse("/memory/9")))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void delayIsOnTheWayForthAndBack() throws Exception {
    Duration delay = Duration.ofMillis(30);
    MemoryNetwork network = network(new MemoryFaults(1, delay, delay, 0));
    Multiaddr listening = network.transport().listen(ANYWHERE, accepted::add);
    long start = System.nanoTime();
    dial(network.transport(), listening);
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(2 * delay.toNanos());
  }

  @Test
  void aConnectionThatBreaksIsGoneOnBothSides() throws Exception {
    MemoryNetwork network = network(new MemoryFaults(1, Duration.ZERO, Duration.ZERO, 1));
    Multiaddr listening = network.transport().listen(ANYWHERE, accepted::add);
    Channel here = dial(network.transport(), listening);
    Channel there = accepted.take();
    assertThatThrownBy(() -> here.writeAndFlush(here.alloc().buffer().writeByte(1)).sync())
        .isInstanceOf(IOException.class);
    assertThat(closes(here)).isTrue();
    assertThat(closes(there)).isTrue();
  }

  @Test
  void faultsAreWithinTheirBounds() {
    Duration second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new MemoryFaults(1, second, Duration.ZERO, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MemoryFaults(1, second, second, 1.5))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MemoryFaults(1, second, second, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
