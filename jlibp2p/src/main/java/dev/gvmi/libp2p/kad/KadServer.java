package dev.gvmi.libp2p.kad;

import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.StreamErrors;
import dev.gvmi.libp2p.StreamHandler;
import dev.gvmi.libp2p.framing.LengthPrefixed;
import dev.gvmi.libp2p.kad.routing.KadNode.Reply;
import dev.gvmi.libp2p.kad.routing.KadRequest;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers the requests of other nodes, several on a stream. <b>Thread:</b> any; a virtual thread
 * per stream.
 */
final class KadServer implements StreamHandler {
  private final LockedNode node;
  private final KadLimits limits;
  private final InstantSource clock;
  private final RequestRates rates;
  private final Map<PeerId, Integer> perPeer = new ConcurrentHashMap<>();
  private final Set<Stream> open = ConcurrentHashMap.newKeySet();

  KadServer(LockedNode node, KadLimits limits, InstantSource clock) {
    this.node = node;
    this.limits = limits;
    this.clock = clock;
    this.rates = new RequestRates(limits.requestsPerSecond(), limits.burst());
  }

  @Override
  public void handle(Stream stream) throws IOException {
    PeerId peer = stream.remotePeer();
    int streams = perPeer.merge(peer, 1, Integer::sum);
    open.add(stream);
    try {
      if (streams > limits.streamsPerPeer()) {
        stream.reset(StreamErrors.RATE_LIMITED.code());
        return;
      }
      stream.timeout(limits.idle().multipliedBy(2));
      serve(stream);
    } catch (EOFException | SocketTimeoutException e) {
      return; // The peer has no more to ask.
    } finally {
      open.remove(stream);
      perPeer.computeIfPresent(peer, (p, count) -> count == 1 ? null : count - 1);
    }
  }

  private void serve(Stream stream) throws IOException {
    while (true) {
      byte[] message = LengthPrefixed.read(stream, KadMessages.MAX_REQUEST_BYTES);
      if (!rates.allow(stream.remotePeer(), clock.instant())) {
        stream.reset(StreamErrors.RATE_LIMITED.code());
        return;
      }
      KadRequest request = KadMessages.decodeRequest(message);
      Reply reply =
          node.get(
              n -> n.answer(request, stream.remotePeer(), stream.remoteAddress(), clock.instant()));
      switch (reply) {
        case Reply.Answer(var answer) ->
            LengthPrefixed.write(stream, KadMessages.encodeAnswer(request, answer));
        case Reply.Silence() -> {
          // The next request may follow.
        }
        case Reply.Refusal(String reason) -> throw new ProtocolException(reason);
      }
    }
  }

  /** Ends the streams that are open: this node answers no more. */
  void stop() {
    List.copyOf(open).forEach(stream -> stream.reset(StreamErrors.NONE.code()));
  }
}
