package dev.gvmi.libp2p.transport.quic;

import dev.gvmi.libp2p.io.Buffers;
import dev.gvmi.libp2p.peer.PeerId;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Opens UDP sockets with the codec on them, one event loop per core. <b>Thread:</b> any. */
final class QuicSockets implements AutoCloseable {
  /**
   * Where the other end was when the connection began; the channel forgets it when it is closed.
   */
  static final AttributeKey<InetSocketAddress> REMOTE =
      AttributeKey.valueOf(QuicSockets.class, "remote");

  private static final int CONNECT_LIMIT_MILLIS = 10_000;

  /**
   * Ethernet, less the headers of IPv6 and UDP. Larger than the 1,200 of the start only where the
   * path lets it through.
   */
  private static final int MAX_PAYLOAD_BYTES = 1452;

  private static final int RECEIVE_BYTES = 2048;
  private static final int MAX_DATAGRAMS = 8;
  private static final int SOCKET_BUFFER_BYTES = 4 << 20;
  private static final int PACKETS_PER_READ = 64;

  private final DatagramSockets platform = DatagramSockets.best();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          Runtime.getRuntime().availableProcessors(),
          new DefaultThreadFactory("libp2p-quic", true),
          platform.handlers());
  private final ChannelGroup dialled = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private final QuicConfig config;
  private final QuicTls tls;
  private final Executor handshakes;
  private final RetryTokens tokens;

  QuicSockets(QuicConfig config, QuicTls tls, Executor handshakes, RetryTokens tokens) {
    this.config = config;
    this.tls = tls;
    this.handshakes = handshakes;
    this.tokens = tokens;
  }

  QuicListener listen(InetSocketAddress address, Consumer<Channel> accepted) throws IOException {
    CompletableFuture<QuicListener> made = new CompletableFuture<>();
    ChannelFuture bound =
        bootstrap(address)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel socket) {
                    QuicListener listener = new QuicListener(socket);
                    socket
                        .pipeline()
                        .addLast(listener, server(listener, accepted), new QuicListener.Tail());
                    made.complete(listener);
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(QuicTransport.reason(bound.cause()), bound.cause());
    }
    return made.join();
  }

  private Bootstrap bootstrap(InetSocketAddress address) {
    return new Bootstrap()
        .group(loops)
        .channelFactory(() -> platform.open(DatagramSockets.familyOf(address)))
        .option(ChannelOption.ALLOCATOR, Buffers.ALLOCATOR)
        .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
        .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new FixedRecvByteBufAllocator(RECEIVE_BYTES).maxMessagesPerRead(PACKETS_PER_READ));
  }

  private <B extends QuicCodecBuilder<B>> B configure(B codec) {
    return codec
        .sslTaskExecutor(handshakes)
        .maxIdleTimeout(config.idle().toMillis(), TimeUnit.MILLISECONDS)
        .maxSendUdpPayloadSize(MAX_PAYLOAD_BYTES)
        .discoverPmtu(true)
        .initialMaxData(config.connectionWindowBytes())
        .initialMaxStreamDataBidirectionalLocal(config.streamWindowBytes())
        .initialMaxStreamDataBidirectionalRemote(config.streamWindowBytes())
        .initialMaxStreamsBidirectional(config.maxInboundStreams())
        .initialMaxStreamsUnidirectional(0)
        .activeMigration(false)
        .datagram(MAX_DATAGRAMS, MAX_DATAGRAMS);
  }

  private ChannelHandler server(QuicListener listener, Consumer<Channel> accepted) {
    return configure(new QuicServerCodecBuilder())
        .sslEngineProvider(channel -> tls.listener(channel.alloc()))
        .tokenHandler(tokens)
        .option(ChannelOption.ALLOCATOR, Buffers.ALLOCATOR)
        .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, platform.segments())
        .handler(
            new ChannelInitializer<QuicChannel>() {
              @Override
              protected void initChannel(QuicChannel channel) {
                connection(channel, (InetSocketAddress) channel.remoteSocketAddress());
                listener.add(channel);
                accepted.accept(channel);
              }
            })
        .streamHandler(new NewStreams())
        .build();
  }

  private QuicConnection connection(QuicChannel channel, @Nullable InetSocketAddress remote) {
    QuicConnection connection = new QuicConnection(channel, config);
    channel.attr(REMOTE).set(remote);
    channel.pipeline().addLast(connection);
    return connection;
  }

  /** A socket of its own for the connection; cancelling closes it. */
  CompletableFuture<QuicChannel> dial(
      InetSocketAddress remote, @Nullable PeerId expected, Duration timeout) {
    QuicDial dial = new QuicDial();
    ChannelFuture opening =
        bootstrap(remote)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel socket) {
                    socket.pipeline().addLast(client(), dial);
                  }
                })
            .connect(remote);
    Channel socket = opening.channel();
    dialled.add(socket);
    dial.connected()
        .whenComplete((channel, failure) -> {
          if (failure != null) {
            socket.close();
          }
        });
    opening.addListener(done -> {
      if (done.isSuccess()) {
        connect(socket, remote, expected, timeout, dial);
      } else {
        dial.failed(done.cause());
      }
    });
    return dial.connected();
  }

  private ChannelHandler client() {
    return configure(new QuicClientCodecBuilder()).sslEngineProvider(tls::dialler).build();
  }

  private void connect(
      Channel socket,
      InetSocketAddress remote,
      @Nullable PeerId expected,
      Duration timeout,
      QuicDial dial) {
    QuicChannel.newBootstrap(socket)
        .option(ChannelOption.ALLOCATOR, Buffers.ALLOCATOR)
        .option(
            ChannelOption.CONNECT_TIMEOUT_MILLIS,
            Math.clamp(timeout.toMillis(), 1, CONNECT_LIMIT_MILLIS))
        .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, platform.segments())
        .attr(QuicTls.EXPECTED, expected)
        .handler(
            new ChannelInitializer<QuicChannel>() {
              @Override
              protected void initChannel(QuicChannel channel) {
                dial.follow(channel, connection(channel, remote));
                channel.closeFuture().addListener(closed -> socket.close());
              }
            })
        .streamHandler(new NewStreams())
        .remoteAddress(remote)
        .connect()
        .addListener(done -> {
          if (!done.isSuccess()) {
            dial.failed(done.cause());
          }
        });
  }

  void closeDialled() {
    dialled.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  /** Takes the streams that peers open. */
  @ChannelHandler.Sharable
  private static final class NewStreams extends ChannelInitializer<QuicStreamChannel> {
    @Override
    protected void initChannel(QuicStreamChannel stream) {
      stream.parent().attr(QuicConnection.KEY).get().opened(stream);
    }
  }
}
