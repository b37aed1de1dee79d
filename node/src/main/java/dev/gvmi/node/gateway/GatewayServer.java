package dev.gvmi.node.gateway;

import dev.gvmi.node.config.HttpAddress;
import dev.gvmi.node.registry.RegistryFace;
import dev.gvmi.node.store.ImageStore;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The HTTP face of a node.
 *
 * <p><b>Thread:</b> any; event loops of its own, and a virtual thread per request.
 */
public final class GatewayServer implements AutoCloseable {
  private static final int LOOPS = 2;

  private final EventLoopGroup loops;
  private final ChannelGroup connections =
      new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private final LiveImages live;
  private final Answers answers;
  private final GatewayLimits limits;
  private final InetSocketAddress address;

  /**
   * What it shows of a node.
   *
   * @param registry what it does for clients of the registry; requests may name its public host in
   *     their Host header, too
   * @param metrics in the text format of Prometheus
   */
  public record Parts(
      ImageStore store,
      ImageSource source,
      RegistryFace registry,
      Supplier<String> metrics,
      Supplier<Readiness> readiness,
      GatewayCounts counts) {}

  private GatewayServer(InetSocketAddress listen, Parts parts, GatewayLimits limits)
      throws IOException {
    this.limits = limits;
    RangeTrust trust = new RangeTrust(limits.remembered());
    this.live = new LiveImages(parts.source(), new FetchGate(limits, System::nanoTime), trust);
    ImageAnswer images = new ImageAnswer(parts.store(), live, trust, limits.headersWithin());
    this.answers =
        new Answers(
            new HostCheck(
                listen.getAddress(), parts.registry().publicHost().map(Set::of).orElse(Set.of())),
            images,
            new RegistryAnswers(parts.registry(), images),
            parts.metrics(),
            parts.readiness(),
            parts.counts());
    this.loops =
        new MultiThreadIoEventLoopGroup(
            LOOPS, new DefaultThreadFactory("gateway", true), NioIoHandler.newFactory());
    this.address = bind(listen);
  }

  /**
   * Listens; port 0 is any.
   *
   * @throws IOException if it cannot, in one line
   */
  public static GatewayServer start(InetSocketAddress listen, Parts parts) throws IOException {
    return start(listen, parts, GatewayLimits.DEFAULT);
  }

  static GatewayServer start(InetSocketAddress listen, Parts parts, GatewayLimits limits)
      throws IOException {
    return new GatewayServer(listen, parts, limits);
  }

  private InetSocketAddress bind(InetSocketAddress listen) throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accept(channel);
                  }
                })
            .bind(listen)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      String why = bound.cause() == null ? "" : String.valueOf(bound.cause().getMessage());
      throw new IOException(
          "cannot listen for HTTP at " + HttpAddress.text(listen) + ": " + why, bound.cause());
    }
    connections.add(bound.channel());
    return (InetSocketAddress) bound.channel().localAddress();
  }

  /** The listening channel is one of the group. */
  private void accept(Channel channel) {
    if (connections.size() > limits.connections()) {
      Exchange.reset(channel);
      return;
    }
    connections.add(channel);
    HttpDecoderConfig config =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(limits.lineBytes())
            .setMaxHeaderSize(limits.headerBytes());
    channel.pipeline().addLast(new HttpServerCodec(config), new RequestHandler(answers, limits));
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return address;
  }

  /** Resets what is being answered, ends its fetches, and listens no more. */
  @Override
  public void close() {
    connections.forEach(channel -> {
      if (channel.parent() != null) {
        Exchange.reset(channel);
      }
    });
    connections.close().awaitUninterruptibly();
    live.close();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
