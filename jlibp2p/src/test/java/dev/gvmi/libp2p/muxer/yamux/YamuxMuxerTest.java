package dev.gvmi.libp2p.muxer.yamux;

import dev.gvmi.libp2p.muxer.MuxerContract;
import dev.gvmi.libp2p.muxer.StreamMuxer;

final class YamuxMuxerTest extends MuxerContract {
  @Override
  protected StreamMuxer muxer(int maxStreams) {
    return new YamuxMuxer(
        YamuxConfig.DEFAULT.withMaxStreams(maxStreams), new WindowBudget(WindowBudget.HOST_BYTES));
  }
}
