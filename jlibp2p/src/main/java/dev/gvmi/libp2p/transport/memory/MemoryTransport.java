package dev.gvmi.libp2p.transport.memory;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.transport.Transport;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One machine's way into a {@link MemoryNetwork}. <b>Thread:</b> any. */
final class MemoryTransport implements Transport {
  private static final long CLOSE_SECONDS = 5;

  private final MemoryNetwork network;
  private final long number;
  private final Map<Long, Consumer<Channel>> listening = new ConcurrentHashMap<>();
  private final Set<MemoryChannel> channels = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** Its number is where its connections come from. */
  MemoryTransport(MemoryNetwork network, long number) {
    this.network = network;
    this.number = number;
  }

  @Override
  public boolean handles(Multiaddr address) {
    return MemoryAddress.number(address).isPresent();
  }

  @Override
  public Multiaddr remoteAddress(Channel channel) {
    return MemoryAddress.of(channel.remoteAddress());
  }

  @Override
  public Multiaddr listen(Multiaddr address, Consumer<Channel> accepted) throws IOException {
    long asked = MemoryAddress.number(address).orElseThrow();
    long got = asked != 0 ? asked : freeNumber();
    boolean taken =
        closed || !network.claim(got, this) || listening.putIfAbsent(got, accepted) != null;
    if (taken) {
      throw new IOException(
          "cannot listen on " + address + (closed ? ": closed" : ": the number is taken"));
    }
    return MemoryAddress.of(got);
  }

  private long freeNumber() {
    return listening.containsKey(number) ? network.freeNumber() : number;
  }

  @Override
  public CompletableFuture<Channel> dial(Multiaddr address, Duration timeout) {
    long to = MemoryAddress.number(address).orElseThrow();
    CompletableFuture<Channel> result = new CompletableFuture<>();
    MemoryTransport listener = network.at(to);
    if (listener == null || !listener.listening.containsKey(to)) {
      fail(result, address, "nobody listens");
    } else if (isRefused(listener)) {
      fail(result, address, "no way there");
    } else {
      connect(network.connect(this, number, listener, to), to, timeout, address, result);
    }
    return result;
  }

  private boolean isRefused(MemoryTransport other) {
    return closed || other.closed || network.isCut(this, other);
  }

  private void connect(
      MemoryChannel.Pair ends,
      long to,
      Duration timeout,
      Multiaddr address,
      CompletableFuture<Channel> result) {
    MemoryChannel dialler = ends.dialler();
    channels.add(dialler);
    result.whenComplete((channel, failure) -> closeIfLate(dialler, failure));
    network
        .register(dialler)
        .addListener(registered -> {
          if (!registered.isSuccess() || isRefused(dialler.remoteOwner())) {
            fail(result, address, "no way there");
            return;
          }
          Future<?> timer =
              after(dialler, timeout.toNanos(), () -> fail(result, address, "timed out"));
          result.whenComplete((channel, failure) -> timer.cancel(false));
          after(
              dialler,
              dialler.delayNanos(),
              () -> dialler.remoteOwner().accept(to, ends, address, result));
        });
  }

  /** Someone dials: this end takes the connection, then the other. */
  private void accept(
      long at, MemoryChannel.Pair ends, Multiaddr address, CompletableFuture<Channel> result) {
    Consumer<Channel> accepted = listening.get(at);
    MemoryChannel listener = ends.listener();
    if (result.isDone() || accepted == null) {
      fail(result, address, "nobody listens");
      return;
    }
    channels.add(listener);
    network
        .register(listener)
        .addListener(registered -> {
          if (!registered.isSuccess() || isRefused(listener.remoteOwner())) {
            fail(result, address, "no way there");
            return;
          }
          listener.connected(accepted);
          after(
              ends.dialler(),
              listener.delayNanos(),
              () -> ends.dialler().connected(result::complete));
        });
  }

  private static void fail(CompletableFuture<Channel> result, Multiaddr address, String reason) {
    result.completeExceptionally(new IOException("cannot connect to " + address + ": " + reason));
  }

  private static Future<?> after(MemoryChannel channel, long nanos, Runnable task) {
    return channel.eventLoop().schedule(task, nanos, TimeUnit.NANOSECONDS);
  }

  private static void closeIfLate(MemoryChannel channel, @Nullable Throwable failure) {
    if (failure != null) {
      if (channel.isRegistered()) {
        channel.close();
      } else {
        channel.unsafe().closeForcibly();
      }
    }
  }

  void closed(MemoryChannel channel) {
    channels.remove(channel);
  }

  /** Breaks connections whose two machines cannot reach each other any more. */
  void cut() {
    channels.stream()
        .filter(channel -> network.isCut(this, channel.remoteOwner()))
        .forEach(MemoryChannel::breakOff);
  }

  @Override
  public void stopListening() {
    listening.clear();
  }

  /** The threads are the network's. */
  @Override
  public void close() {
    closed = true;
    stopListening();
    network.forget(this);
    List<ChannelFuture> closing = channels.stream().map(Channel::close).toList();
    closing.forEach(done -> done.awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS));
  }
}
