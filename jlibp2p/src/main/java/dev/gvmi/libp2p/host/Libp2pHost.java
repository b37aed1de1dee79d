package dev.gvmi.libp2p.host;

import dev.gvmi.libp2p.ConnectionInfo;
import dev.gvmi.libp2p.ConnectionListener;
import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.PeerInfo;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.SecurityChoice;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.StreamErrors;
import dev.gvmi.libp2p.StreamHandler;
import dev.gvmi.libp2p.identify.IdentifyMessages;
import dev.gvmi.libp2p.io.ByteStream;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.muxer.StreamMuxer;
import dev.gvmi.libp2p.muxer.yamux.WindowBudget;
import dev.gvmi.libp2p.muxer.yamux.YamuxConfig;
import dev.gvmi.libp2p.muxer.yamux.YamuxMuxer;
import dev.gvmi.libp2p.negotiate.NegotiatedStream;
import dev.gvmi.libp2p.network.Connection;
import dev.gvmi.libp2p.network.ConnectionTable;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.ping.Ping;
import dev.gvmi.libp2p.security.SecurityProtocol;
import dev.gvmi.libp2p.security.noise.NoiseSecurity;
import dev.gvmi.libp2p.security.tls.TlsSecurity;
import dev.gvmi.libp2p.transport.Transport;
import dev.gvmi.libp2p.transport.quic.QuicConfig;
import dev.gvmi.libp2p.transport.quic.QuicTransport;
import dev.gvmi.libp2p.transport.tcp.TcpTransport;
import dev.gvmi.libp2p.upgrade.Upgrader;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host: wires transport, upgrade, connections and protocols together.
 *
 * <p><b>Thread:</b> any.
 */
public final class Libp2pHost implements Host {
  private static final Logger LOG = LoggerFactory.getLogger(Libp2pHost.class);
  private static final Duration HANDSHAKE = Duration.ofSeconds(10);
  private static final Duration IDENTIFY = Duration.ofSeconds(5);

  private final HostConfig config;
  private final PeerId id;
  private final List<Transport> transports;
  private final InboundStreams inbound;
  private final ConnectionEvents events = new ConnectionEvents();
  private final Connections connections;
  private final List<Multiaddr> bound = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  private Libp2pHost(HostConfig config, List<Transport> transports) {
    this.config = config;
    this.transports = List.copyOf(transports);
    this.id = config.key().peerId();
    this.inbound = new InboundStreams(config.limits().streamsPerPeerAndProtocol());
    StreamMuxer muxer =
        new YamuxMuxer(
            YamuxConfig.DEFAULT.withMaxStreams(config.limits().streamsPerConnection()),
            new WindowBudget(WindowBudget.HOST_BYTES));
    Upgrader upgrader =
        new Upgrader(
            config.security().stream().map(choice -> security(choice, muxer.id())).toList(),
            List.of(muxer),
            HANDSHAKE);
    this.connections = new Connections(config.limits(), upgrader, inbound, this::established);
  }

  private SecurityProtocol security(SecurityChoice choice, String muxer) {
    SecureRandom random = new SecureRandom();
    return switch (choice) {
      case NOISE -> new NoiseSecurity(config.key(), List.of(muxer), random);
      case TLS ->
          new TlsSecurity(
              config.key(), List.of(muxer), random, InstantSource.system(), HandshakeThreads.SHARED);
    };
  }

  /** A host on TCP and QUIC that does nothing before {@link #start} or {@link #dial}. */
  public static Host create(HostConfig config) {
    return create(config, List.of(new TcpTransport(), quic(config)));
  }

  private static Transport quic(HostConfig config) {
    return new QuicTransport(
        config.key(),
        QuicConfig.DEFAULT.withMaxStreams(config.limits().streamsPerConnection()),
        new SecureRandom(),
        InstantSource.system(),
        HandshakeThreads.SHARED);
  }

  /**
   * A host on other transports. It closes them when it is closed.
   *
   * @param transports the first that handles an address is taken for it
   */
  public static Host create(HostConfig config, List<Transport> transports) {
    Libp2pHost host = new Libp2pHost(config, transports);
    host.inbound.handle(Ping.PROTOCOL, Ping::serve);
    host.inbound.handle(
        IdentifyMessages.PROTOCOL,
        stream -> {
          stream.timeout(IDENTIFY);
          IdentifyMessages.send(stream, host.self());
        });
    host.inbound.handle(IdentifyMessages.PUSH_PROTOCOL, host::receivePush);
    return host;
  }

  @Override
  public PeerId id() {
    return id;
  }

  @Override
  public void start() throws IOException {
    try {
      for (Multiaddr address : ip6First(config.listen())) {
        Transport transport = transportFor(address, "listen on");
        Optional<String> missing = transport.unavailable();
        if (missing.isPresent()) {
          LOG.warn("not listening on {}: {}", address, missing.get());
          continue;
        }
        bound.add(transport.listen(address, channel -> connections.accept(transport, channel)));
      }
    } catch (IOException e) {
      transports.forEach(Transport::stopListening);
      bound.clear();
      throw e;
    }
  }

  private Transport transportFor(Multiaddr address, String what) throws IOException {
    return transports.stream()
        .filter(transport -> transport.handles(address))
        .findFirst()
        .orElseThrow(
            () ->
                new IOException(
                    "cannot " + what + " " + address + ": no transport for this address"));
  }

  /** A socket on all IPv6 addresses takes IPv4 too, and cannot be bound after one that has the port on IPv4. */
  private static List<Multiaddr> ip6First(List<Multiaddr> addresses) {
    return addresses.stream()
        .sorted(Comparator.comparing(address -> !address.toString().startsWith("/ip6/")))
        .toList();
  }

  @Override
  public List<Multiaddr> listenAddresses() {
    return bound.stream().flatMap(ListenAddresses::expand).distinct().toList();
  }

  @Override
  public void handle(ProtocolId protocol, StreamHandler handler) {
    inbound.handle(protocol, handler);
    pushToAll();
  }

  @Override
  public void unhandle(ProtocolId protocol) {
    inbound.unhandle(protocol);
    pushToAll();
  }

  private void pushToAll() {
    connections.table().onePerPeer().stream()
        .filter(c -> c.info().protocols().contains(IdentifyMessages.PUSH_PROTOCOL))
        .forEach(c -> Thread.ofVirtual().name("libp2p-push").start(() -> push(c)));
  }

  private void push(Connection connection) {
    try (Stream stream = open(connection, IDENTIFY, IdentifyMessages.PUSH_PROTOCOL)) {
      IdentifyMessages.send(stream, self());
    } catch (IOException e) {
      LOG.debug("push to {}: {}", connection.peer().toShortString(), e.toString());
    }
  }

  private void receivePush(Stream stream) throws IOException {
    stream.timeout(IDENTIFY);
    for (Connection connection : connections.table().allTo(stream.remotePeer())) {
      connection.learn(IdentifyMessages.receive(stream, connection.info()));
      events.tell(listener -> listener.identified(connection.info()));
      return;
    }
  }

  private IdentifyMessages.Self self() {
    return new IdentifyMessages.Self(
        config.key().publicKey(), config.agent(), listenAddresses(), inbound.protocols());
  }

  @Override
  public PeerId dial(Multiaddr address, Duration timeout) throws IOException {
    if (closed) {
      throw new IOException("cannot dial " + address + ": this host is closed");
    }
    Optional<PeerId> expected = PeerId.of(address);
    if (expected.isPresent()) {
      if (expected.get().equals(id)) {
        throw new IOException("cannot dial " + address + ": it is this host");
      }
      Optional<Connection> existing = connections.table().to(expected.get());
      if (existing.isPresent()) {
        return existing.get().peer();
      }
    }
    Transport transport = transportFor(address, "dial");
    Connection connection =
        connections.dial(transport, address, expected.orElse(null), timeout);
    Connections.await(connection.identified(), IDENTIFY, address);
    return connection.peer();
  }

  /** A connection is in the table: find out who it is, then tell the listeners. */
  private void established(Connection connection, ConnectionTable.Added added) {
    Thread.ofVirtual()
        .name("libp2p-identify")
        .start(
            () -> {
              identify(connection);
              if (added == ConnectionTable.Added.FIRST_OF_PEER) {
                events.tell(listener -> listener.connected(connection.info()));
              }
              connection
                  .streams()
                  .closed()
                  .whenComplete((done, failure) -> gone(connection));
            });
  }

  private void identify(Connection connection) {
    try (Stream stream = open(connection, IDENTIFY, IdentifyMessages.PROTOCOL)) {
      connection.learn(IdentifyMessages.receive(stream, connection.info()));
    } catch (IOException e) {
      LOG.debug("identify of {}: {}", connection.peer().toShortString(), e.toString());
    } finally {
      connection.identifyDone();
    }
  }

  private void gone(Connection connection) {
    if (connections.table().remove(connection)) {
      events.tell(listener -> listener.disconnected(connection.info()));
    }
  }

  @Override
  public Stream newStream(PeerId peer, Duration timeout, ProtocolId... protocols)
      throws IOException {
    Connection connection =
        connections
            .table()
            .to(peer)
            .orElseThrow(() -> new IOException("not connected to " + peer.toShortString()));
    return open(connection, timeout, protocols);
  }

  private static Stream open(Connection connection, Duration timeout, ProtocolId... protocols)
      throws IOException {
    if (protocols.length == 0) {
      throw new IllegalArgumentException("no protocol given");
    }
    ByteStream raw = connection.streams().open();
    raw.timeout(timeout);
    try {
      boolean known =
          protocols.length == 1 && connection.info().protocols().contains(protocols[0]);
      List<String> ids = Arrays.stream(protocols).map(ProtocolId::text).toList();
      return new HostStream(
          known
              ? NegotiatedStream.dialLazily(raw, ids.getFirst())
              : NegotiatedStream.dial(raw, ids),
          connection);
    } catch (IOException e) {
      raw.reset(StreamErrors.NONE.code());
      throw e;
    }
  }

  @Override
  public List<PeerInfo> peers() {
    return connections.table().onePerPeer().stream().map(Connection::info).toList();
  }

  @Override
  public Optional<PeerInfo> peer(PeerId peer) {
    return connections.table().to(peer).map(Connection::info);
  }

  @Override
  public Optional<ConnectionInfo> connection(PeerId peer) {
    return connections.table().to(peer).flatMap(Connection::details);
  }

  @Override
  public void addConnectionListener(ConnectionListener listener) {
    events.add(listener);
  }

  @Override
  public void disconnect(PeerId peer) {
    new ArrayList<>(connections.table().allTo(peer)).forEach(c -> c.streams().close());
  }

  @Override
  public boolean disconnectIfIdle(PeerId peer) {
    List<Connection> open = connections.table().allTo(peer);
    if (open.stream().anyMatch(Connection::hasStreams)) {
      return false;
    }
    open.forEach(connection -> connection.streams().close());
    return true;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    transports.forEach(Transport::stopListening);
    List<Connection> open = connections.table().close();
    open.forEach(connection -> connection.streams().close());
    open.forEach(connection -> Connections.awaitClosed(connection.streams()));
    transports.forEach(Transport::close);
    events.close();
  }

  @Override
  public String toString() {
    return "host " + Objects.toString(id);
  }
}
