package dev.gvmi.libp2p.mdns;

import dev.gvmi.libp2p.mdns.dns.DnsMessage;
import dev.gvmi.libp2p.mdns.link.LinkAction;
import dev.gvmi.libp2p.mdns.link.LinkEvent;
import dev.gvmi.libp2p.mdns.link.LinkSession;
import dev.gvmi.libp2p.mdns.link.MdnsLimits;
import dev.gvmi.libp2p.mdns.link.Tokens;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A link and the session on it. <b>Thread:</b> its owner's. */
final class LinkTurn implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LinkTurn.class);

  private final Link link;
  private final SelectionKey key;
  private final LinkSession session;
  private final MdnsLimits limits;
  private final Tokens reads;
  private final MdnsListener listener;
  private final Counters counters;
  private boolean ready;
  private boolean held;

  /** What is counted over all links. */
  static final class Counters {
    long sent;
    long received;
    long refused;
    long held;
  }

  LinkTurn(
      Link link,
      SelectionKey key,
      LinkSession session,
      MdnsLimits limits,
      Instant now,
      Shared shared) {
    this.link = link;
    this.key = key;
    this.session = session;
    this.limits = limits;
    this.reads = new Tokens(limits.messagesPerSecond(), now);
    this.listener = shared.listener();
    this.counters = shared.counters();
    key.attach(this);
  }

  /** What all links share. */
  record Shared(MdnsListener listener, Counters counters) {}

  /** When its turn comes if nothing is received before. */
  Instant next() {
    return held && reads.next().isBefore(session.next()) ? reads.next() : session.next();
  }

  /** Something has come. */
  void ready() {
    ready = true;
  }

  int peers() {
    return session.peers();
  }

  /** Reads what has come, as far as the limit allows, and does what is due. */
  void turn(Instant now, ByteBuffer buffer, Supplier<List<Multiaddr>> own) throws IOException {
    if (ready || held) {
      read(now, buffer);
    }
    if (!session.next().isAfter(now)) {
      act(session.on(new LinkEvent.Due(now, own.get())));
    }
  }

  /**
   * What comes while there is no token stays in the socket, whose buffer is bounded: dropping it
   * costs us nothing.
   */
  private void read(Instant now, ByteBuffer buffer) throws IOException {
    while (reads.take(now)) {
      Optional<Link.Datagram> datagram = link.receive(buffer);
      if (datagram.isEmpty()) {
        ready = false;
        listen(true);
        return;
      }
      take(now, datagram.get());
    }
    listen(false);
  }

  private void listen(boolean on) {
    if (held == on) {
      held = !on;
      key.interestOps(on ? SelectionKey.OP_READ : 0);
      counters.held += on ? 0 : 1;
    }
  }

  private void take(Instant now, Link.Datagram datagram) throws IOException {
    if (!datagram.fromHere()) {
      counters.refused++;
      return;
    }
    DnsMessage message;
    try {
      message = DnsMessage.decode(datagram.bytes(), limits.message());
    } catch (ProtocolException e) {
      counters.refused++;
      return;
    }
    counters.received++;
    act(session.on(new LinkEvent.Received(now, message)));
  }

  private void act(List<LinkAction> actions) {
    for (LinkAction action : actions) {
      switch (action) {
        case LinkAction.Send send -> send(send.message());
        case LinkAction.Found found -> listener.found(found.peer(), found.addresses());
      }
    }
  }

  /** An interface that is just going up or down takes nothing: what is lost is asked again. */
  private void send(DnsMessage message) {
    try {
      link.send(message.encode());
      counters.sent++;
    } catch (IOException e) {
      LOG.debug("mDNS: not sent: {}", e.toString());
    }
  }

  @Override
  public void close() throws IOException {
    link.close();
  }
}
