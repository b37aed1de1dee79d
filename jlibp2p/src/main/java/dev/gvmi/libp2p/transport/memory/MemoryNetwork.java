package dev.gvmi.libp2p.transport.memory;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.transport.Transport;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A network without wires: machines that reach each other at {@code /memory/<number>}. Each {@link
 * #transport} is one machine, for one host; all share the threads of the network, so that hundreds
 * of hosts cost no more of them than one.
 *
 * <p>The address that a machine's connections come from is the number that it gets when it is made,
 * which is also the first that it listens on if it asks for {@code /memory/0}.
 *
 * <p><b>Thread:</b> any but an event loop of the network.
 *
 * <p><b>Source:</b> multiaddr protocol 777; the memory transport of rust-libp2p.
 */
public final class MemoryNetwork implements AutoCloseable {
  private final MemoryFaults faults;
  private final EventLoopGroup loops;
  private final AtomicLong lastNumber = new AtomicLong();
  private final AtomicLong connections = new AtomicLong();
  private final ConcurrentMap<Long, MemoryTransport> machines = new ConcurrentHashMap<>();
  private volatile Map<MemoryTransport, Integer> groups = Map.of();

  /** With as many threads as there are cores, and nothing that goes wrong. */
  public MemoryNetwork() {
    this(Runtime.getRuntime().availableProcessors(), MemoryFaults.NONE);
  }

  public MemoryNetwork(int threads, MemoryFaults faults) {
    this.faults = faults;
    this.loops =
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory("libp2p-memory", true), LocalIoHandler.newFactory());
  }

  /** A machine more; whoever takes the transport closes it. */
  public Transport transport() {
    long number = freeNumber();
    MemoryTransport machine = new MemoryTransport(this, number);
    while (!claim(number, machine)) {
      number = freeNumber();
      machine = new MemoryTransport(this, number);
    }
    return machine;
  }

  /**
   * Parts the network: machines of different groups no longer reach each other, and their
   * connections break. Machines that no group names are one more group. An earlier parting is
   * undone.
   *
   * @param parts addresses of machines, with or without {@code /p2p}; {@link
   *     IllegalArgumentException} for an unknown one
   */
  public void partition(List<Set<Multiaddr>> parts) {
    Map<MemoryTransport, Integer> parted = new HashMap<>();
    for (int group = 0; group < parts.size(); group++) {
      for (Multiaddr address : parts.get(group)) {
        parted.put(machine(address), group);
      }
    }
    groups = Map.copyOf(parted);
    new HashSet<>(machines.values()).forEach(MemoryTransport::cut);
  }

  private MemoryTransport machine(Multiaddr address) {
    MemoryTransport machine = at(MemoryAddress.number(address).orElse(0));
    if (machine == null) {
      throw new IllegalArgumentException("no machine at " + address);
    }
    return machine;
  }

  /** All machines reach each other again. Broken connections stay broken. */
  public void heal() {
    groups = Map.of();
  }

  boolean isCut(MemoryTransport one, MemoryTransport other) {
    Map<MemoryTransport, Integer> now = groups;
    return !now.getOrDefault(one, -1).equals(now.getOrDefault(other, -1));
  }

  long freeNumber() {
    long number = lastNumber.incrementAndGet();
    while (machines.containsKey(number)) {
      number = lastNumber.incrementAndGet();
    }
    return number;
  }

  /** Whether the number is the machine's, now or before. */
  boolean claim(long number, MemoryTransport machine) {
    MemoryTransport owner = machines.putIfAbsent(number, machine);
    return owner == null || owner == machine;
  }

  @Nullable MemoryTransport at(long number) {
    return machines.get(number);
  }

  void forget(MemoryTransport machine) {
    machines.values().removeIf(owner -> owner == machine);
  }

  MemoryChannel.Pair connect(
      MemoryTransport dialler, long from, MemoryTransport listener, long to) {
    SplittableRandom random =
        new SplittableRandom(faults.seed() * 31 + connections.incrementAndGet());
    long now = System.nanoTime();
    return MemoryChannel.pair(
        dialler,
        MemoryAddress.socket(from),
        listener,
        MemoryAddress.socket(to),
        new MemoryPipe(faults, random.split(), now),
        new MemoryPipe(faults, random.split(), now));
  }

  ChannelFuture register(MemoryChannel channel) {
    return loops.register(channel);
  }

  /** Closes all machines that are not closed yet; waits for the threads. */
  @Override
  public void close() {
    new HashSet<>(machines.values()).forEach(MemoryTransport::close);
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
