package dev.gvmi.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link Transport} does. */
@Timeout(60)
public abstract class TransportContract {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int MIB = 1 << 20;

  private final List<Transport> made = new ArrayList<>();
  private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
  private Transport listener;
  private Transport dialler;

  /** A transport more; those of one test reach each other. */
  protected abstract Transport newTransport();

  /** Where to listen, with a number or port that is free. */
  protected abstract Multiaddr anywhere();

  /** Where nobody listens, and never did. */
  protected abstract Multiaddr nowhere();

  /** A dial that gets no answer, neither yes nor no. */
  public record Unanswered(Transport dialler, Multiaddr address) {}

  /** Empty if a test cannot have such a place. */
  protected abstract Optional<Unanswered> unanswered();

  /** The beginning of the names of its threads. */
  protected abstract String threadNames();

  /** Whatever the transports of one test share. */
  protected void closeShared() {}

  @BeforeEach
  void makeTwo() {
    listener = transport();
    dialler = transport();
  }

  private Transport transport() {
    Transport transport = newTransport();
    made.add(transport);
    return transport;
  }

  @AfterEach
  void closeAllAndItsThreadsEnd() throws InterruptedException {
    made.forEach(Transport::close);
    closeShared();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith(threadNames())) {
        assertThat(thread.join(LIMIT)).as(thread.getName() + " has ended").isTrue();
      }
    }
  }

  private Multiaddr listen() throws IOException {
    return listener.listen(anywhere(), accepted::add);
  }

  private Channel dial(Multiaddr address) throws Exception {
    Channel channel = dialQuietly(address);
    channel.config().setAutoRead(true);
    return channel;
  }

  private Channel dialQuietly(Multiaddr address) throws Exception {
    return dialler.dial(address, LIMIT).get(20, TimeUnit.SECONDS);
  }

  private Channel nextAccepted() throws InterruptedException {
    Channel channel = accepted.poll(10, TimeUnit.SECONDS);
    assertThat(channel).as("accepted").isNotNull();
    return channel;
  }

  /** Sends back what comes, and reads no more while that is not taken. */
  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ctx.writeAndFlush(message, ctx.voidPromise());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      ctx.channel().config().setAutoRead(ctx.channel().isWritable());
      ctx.fireChannelWritabilityChanged();
    }
  }

  /** Bytes that say where they belong. */
  private static byte[] pattern(long from, int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      long at = from + i;
      bytes[i] = (byte) (at + 31 * (at >>> 8) + 17 * (at >>> 16));
    }
    return bytes;
  }

  /** Checks that the pattern comes. */
  private static final class Check extends ChannelInboundHandlerAdapter {
    /** As many bytes as are wanted have come. */
    final CompletableFuture<Void> all = new CompletableFuture<>();

    /** How many had come when the connection closed. */
    final CompletableFuture<Long> end = new CompletableFuture<>();

    private final long wanted;
    private long received;

    Check(long wanted) {
      this.wanted = wanted;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      byte[] came = ByteBufUtil.getBytes(bytes);
      bytes.release();
      if (!Arrays.equals(came, pattern(received, came.length))) {
        exceptionCaught(ctx, new AssertionError("wrong byte after " + received));
      }
      received += came.length;
      if (received == wanted) {
        all.complete(null);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      end.complete(received);
      all.completeExceptionally(new IOException("closed after " + received));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      end.completeExceptionally(cause);
      all.completeExceptionally(cause);
    }
  }

  /**
   * Writes the pattern as long as the channel takes it in time; returns how many bytes were
   * written.
   */
  private static long write(Channel channel, long most, Duration patience) throws Exception {
    long written = 0;
    boolean taken = true;
    while (written < most && taken) {
      int count = (int) Math.min(most - written, 40_000);
      ByteBuf piece = channel.alloc().buffer(count).writeBytes(pattern(written, count));
      taken = channel.writeAndFlush(piece).await(patience.toMillis());
      written += count;
    }
    return written;
  }

  @Test
  void tellsWhereItListensAndWhoConnects() throws Exception {
    Multiaddr address = listen();
    assertThat(listener.handles(address)).isTrue();
    assertThat(address).isNotEqualTo(anywhere());
    Channel here = dial(address);
    Channel there = nextAccepted();
    assertThat(here.isActive()).isTrue();
    assertThat(there.isActive()).isTrue();
    assertThat(dialler.remoteAddress(here)).isEqualTo(address);
    assertThat(listener.handles(listener.remoteAddress(there))).isTrue();
  }

  @Test
  void listensAtSeveralAddresses() throws Exception {
    Multiaddr one = listen();
    Multiaddr two = listen();
    assertThat(one).isNotEqualTo(two);
    dial(one);
    dial(two);
    nextAccepted();
    nextAccepted();
  }

  @Test
  void doesNotListenWhereAnotherDoes() throws Exception {
    Multiaddr taken = listen();
    assertThatThrownBy(() -> dialler.listen(taken, accepted::add))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(taken.toString());
  }

  @Test
  void echoesManyBytesInOrder() throws Exception {
    Multiaddr address =
        listener.listen(anywhere(), channel -> channel.pipeline().addLast(new Echo()));
    Channel channel = dial(address);
    Check check = new Check(8L * MIB);
    channel.pipeline().addLast(check);
    write(channel, 8L * MIB, LIMIT);
    check.all.get(20, TimeUnit.SECONDS);
  }

  @Test
  void whatTheOtherEndSaysAtOnceWaitsForTheDialler() throws Exception {
    CompletableFuture<Void> said = new CompletableFuture<>();
    Multiaddr address =
        listener.listen(
            anywhere(),
            channel ->
                channel
                    .writeAndFlush(channel.alloc().buffer().writeBytes(pattern(0, 1000)))
                    .addListener(sent -> said.complete(null)));
    Channel channel = dialQuietly(address);
    said.get(10, TimeUnit.SECONDS);
    for (int i = 0; i < 100; i++) {
      channel.eventLoop().submit(() -> {}).sync();
    }
    Check check = new Check(1000);
    channel.pipeline().addLast(check);
    channel.config().setAutoRead(true);
    check.all.get(10, TimeUnit.SECONDS);
  }

  @Test
  void aReaderThatDoesNotReadStopsTheWriter() throws Exception {
    CompletableFuture<Channel> slow = new CompletableFuture<>();
    Check check = new Check(-1);
    Multiaddr address =
        listener.listen(
            anywhere(),
            channel -> {
              channel.config().setAutoRead(false);
              channel.pipeline().addLast(check);
              slow.complete(channel);
            });
    Channel writer = dial(address);
    long written = write(writer, 256L * MIB, Duration.ofMillis(300));
    assertThat(written).as("bytes on the way").isLessThan(256L * MIB);
    slow.get(10, TimeUnit.SECONDS).config().setAutoRead(true);
    closeWhenAllIsSent(writer);
    assertThat(check.end.get(20, TimeUnit.SECONDS)).isEqualTo(written);
  }

  private static void closeWhenAllIsSent(Channel channel) throws InterruptedException {
    channel.writeAndFlush(channel.alloc().buffer(0)).sync();
    channel.close().sync();
  }

  @Test
  void whatWasSentBeforeTheCloseStillArrives() throws Exception {
    Check check = new Check(-1);
    Multiaddr address = listener.listen(anywhere(), channel -> channel.pipeline().addLast(check));
    Channel channel = dial(address);
    write(channel, MIB, LIMIT);
    closeWhenAllIsSent(channel);
    assertThat(check.end.get(20, TimeUnit.SECONDS)).isEqualTo(MIB);
  }

  @Test
  void aCloseIsSeenOnBothSidesAndWritesFail() throws Exception {
    Channel here = dial(listen());
    Channel there = nextAccepted();
    there.close().sync();
    assertThat(here.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> here.writeAndFlush(here.alloc().buffer().writeByte(1)).sync())
        .isInstanceOf(IOException.class);
  }

  @Test
  void aDialToNobodyFailsWithTheAddress() {
    assertFails(nowhere(), LIMIT, nowhere().toString());
  }

  private void assertFails(Multiaddr address, Duration limit, String... message) {
    assertThatThrownBy(() -> dialler.dial(address, limit).get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(message);
  }

  @Test
  void aDialThatIsNotAnsweredFailsInTimeOrIsCancelled() {
    Optional<Unanswered> silent = unanswered();
    assumeTrue(silent.isPresent(), "no place that does not answer");
    dialler = silent.get().dialler();
    made.add(dialler);
    CompletableFuture<Channel> cancelled = dialler.dial(silent.get().address(), LIMIT);
    assertFails(silent.get().address(), Duration.ofMillis(100), silent.get().address().toString());
    assertThat(cancelled).isNotDone();
    cancelled.cancel(false);
  }

  @Test
  void aCancelledDialLeavesNoConnection() throws Exception {
    CompletableFuture<Channel> dialling = dialler.dial(listen(), LIMIT);
    dialling.cancel(false);
    Channel there = accepted.poll(300, TimeUnit.MILLISECONDS);
    if (there != null && !dialling.isCompletedExceptionally()) {
      dialling.join().close();
    }
    if (there != null) {
      assertThat(there.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void stopListeningLeavesConnectionsAlive() throws Exception {
    Multiaddr address =
        listener.listen(
            anywhere(),
            channel -> {
              channel.pipeline().addLast(new Echo());
              accepted.add(channel);
            });
    Channel channel = dial(address);
    nextAccepted();
    listener.stopListening();
    assertFails(address, LIMIT, address.toString());
    Check check = new Check(100_000);
    channel.pipeline().addLast(check);
    write(channel, 100_000, LIMIT);
    check.all.get(20, TimeUnit.SECONDS);
  }

  @Test
  void closeEndsConnectionsOfBothKinds() throws Exception {
    Channel here = dial(listen());
    Channel there = nextAccepted();
    listener.close();
    assertThat(there.isOpen()).isFalse();
    assertThat(here.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
    Channel again = dialler.dial(dialler.listen(anywhere(), accepted::add), LIMIT).get();
    nextAccepted();
    dialler.close();
    assertThat(again.isOpen()).isFalse();
  }

  @Test
  void closeTwiceIsOneClose() throws Exception {
    listen();
    listener.close();
    listener.close();
  }
}
