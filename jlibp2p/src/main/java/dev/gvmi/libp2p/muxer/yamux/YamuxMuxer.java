package dev.gvmi.libp2p.muxer.yamux;

import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.muxer.MuxedConnection;
import dev.gvmi.libp2p.muxer.StreamMuxer;
import io.netty.channel.Channel;
import java.util.function.Consumer;

/** Yamux for the connections of one host. <b>Thread:</b> any. */
public final class YamuxMuxer implements StreamMuxer {
  private final YamuxConfig config;
  private final WindowBudget hostBudget;

  public YamuxMuxer(YamuxConfig config, WindowBudget hostBudget) {
    this.config = config;
    this.hostBudget = hostBudget;
  }

  @Override
  public String id() {
    return "/yamux/1.0.0";
  }

  @Override
  public MuxedConnection attach(Channel channel, boolean initiator, Consumer<ByteStream> inbound) {
    YamuxHandler handler = new YamuxHandler(channel, initiator, config, hostBudget, inbound);
    channel.pipeline().addLast("muxer", handler);
    return handler;
  }
}
