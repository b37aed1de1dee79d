package dev.gvmi.libp2p.host;

import dev.gvmi.libp2p.ConnectionInfo;
import dev.gvmi.libp2p.ConnectionListener;
import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostUsage;
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
import dev.gvmi.libp2p.network.AddressResolver;
import dev.gvmi.libp2p.network.Admission;
import dev.gvmi.libp2p.network.Connection;
import dev.gvmi.libp2p.network.ConnectionTable;
import dev.gvmi.libp2p.network.NamedAddresses;
import dev.gvmi.libp2p.network.dns.DnsResolver;
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
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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
  private static final Duration OBSERVE = Duration.ofMinutes(5);

  private final HostConfig config;
  private final PeerId id;
  private final List<Transport> transports;
  private final InboundStreams inbound;
  private final ConnectionEvents events = new ConnectionEvents();
  private final List<SecurityProtocol> security;
  private final Connections connections;
  private final OwnAddresses own = new OwnAddresses(InstantSource.system());
  private final OwnRecord record;
  private final AddressResolver resolver;
  private final Dialer dialer;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile boolean closed;

  private Libp2pHost(HostConfig config, List<Transport> transports, AddressResolver resolver) {
    this.config = config;
    this.transports = List.copyOf(transports);
    this.resolver = resolver;
    this.id = config.key().peerId();
    this.record = new OwnRecord(config.key(), InstantSource.system());
    this.inbound = new InboundStreams(config.limits(), this::streams);
    StreamMuxer muxer =
        new YamuxMuxer(
            YamuxConfig.DEFAULT.withMaxStreams(config.limits().streamsPerConnection()),
            new WindowBudget(WindowBudget.HOST_BYTES));
    this.security = config.security().stream().map(choice -> security(choice, muxer.id())).toList();
    Upgrader upgrader = new Upgrader(security, List.of(muxer), HANDSHAKE);
    this.connections =
        new Connections(config.limits(), config.gater(), upgrader, inbound, this::established);
    this.dialer =
        new Dialer(
            id,
            config.limits(),
            new Dialer.Parts(
                this.transports,
                connections,
                new NamedAddresses(resolver),
                config.gater(),
                own::listening,
                InstantSource.system()));
  }

  private int streams() {
    return connections.table().streams();
  }

  private SecurityProtocol security(SecurityChoice choice, String muxer) {
    SecureRandom random = new SecureRandom();
    return switch (choice) {
      case NOISE -> new NoiseSecurity(config.key(), List.of(muxer), random);
      case TLS ->
          new TlsSecurity(
              config.key(),
              List.of(muxer),
              random,
              InstantSource.system(),
              HandshakeThreads.SHARED);
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
    return create(config, transports, new DnsResolver());
  }

  /** A host that asks a resolver of the caller's for names. It closes that too. */
  static Host create(HostConfig config, List<Transport> transports, AddressResolver resolver) {
    Libp2pHost host = new Libp2pHost(config, transports, resolver);
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
    HandshakeThreads.SHARED.execute(() -> security.forEach(SecurityProtocol::prepare));
    try {
      for (Multiaddr address : ip6First(config.listen())) {
        Transport transport = transportFor(address, "listen on");
        Optional<String> missing = transport.unavailable();
        if (missing.isPresent()) {
          LOG.warn("not listening on {}: {}", address, missing.get());
          continue;
        }
        own.bound(transport.listen(address, channel -> connections.accept(transport, channel)));
      }
    } catch (IOException e) {
      transports.forEach(Transport::stopListening);
      own.unbound();
      throw e;
    }
    Thread.ofVirtual().name("libp2p-upkeep").start(this::keepObserved);
  }

  /** What a peer said of our address counts as long as it is connected. */
  private void keepObserved() {
    try {
      while (!closing.await(OBSERVE.toSeconds(), TimeUnit.SECONDS)) {
        if (own.observed(connections.table().all())) {
          pushToAll();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Transport transportFor(Multiaddr address, String what) throws IOException {
    return transports.stream()
        .filter(transport -> transport.handles(address))
        .findFirst()
        .orElseThrow(() ->
            new IOException("cannot " + what + " " + address + ": no transport for this address"));
  }

  /**
   * A socket on all IPv6 addresses takes IPv4 too, and cannot be bound after one that has the port
   * on IPv4.
   */
  private static List<Multiaddr> ip6First(List<Multiaddr> addresses) {
    return addresses.stream()
        .sorted(Comparator.comparing(address -> !address.toString().startsWith("/ip6/")))
        .toList();
  }

  @Override
  public List<Multiaddr> listenAddresses() {
    return own.listening();
  }

  @Override
  public List<Multiaddr> addresses() {
    return own.all();
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
    List<Connection> ofPeer = connections.table().allTo(stream.remotePeer());
    if (!ofPeer.isEmpty()) {
      Connection first = ofPeer.getFirst();
      learn(first, IdentifyMessages.receive(stream, first.info(), first.recordSequence()));
      events.tell(listener -> listener.identified(ofPeer.getFirst().info()));
    }
  }

  /**
   * What a peer tells on one connection is true of all to it; where it sees us, of this one alone.
   */
  private void learn(Connection connection, IdentifyMessages.Told told) {
    connection.learn(told.peer(), told.sequence(), told.record());
    connections
        .table()
        .allTo(connection.peer())
        .forEach(other -> other.learn(told.peer(), told.sequence(), told.record()));
    if (told.observed() != null) {
      connection.observedAt(told.observed());
      if (own.observed(List.of(connection))) {
        pushToAll();
      }
    }
  }

  private IdentifyMessages.Self self() {
    List<Multiaddr> addresses =
        addresses().stream().limit(IdentifyMessages.MAX_OWN_ADDRESSES).toList();
    return new IdentifyMessages.Self(
        config.key().publicKey(),
        config.agent(),
        addresses,
        inbound.protocols(),
        record.of(addresses));
  }

  @Override
  public PeerId dial(Multiaddr address, Duration timeout) throws IOException {
    return identified(dialer.dial(address, timeout)).peer();
  }

  @Override
  public void connect(PeerId peer, List<Multiaddr> addresses, Duration timeout) throws IOException {
    identified(dialer.connect(peer, addresses, timeout));
  }

  /** Waits until it is known what the peer speaks, or that it does not say. */
  private static Connection identified(Connection connection) throws IOException {
    Connections.await(connection.identified(), IDENTIFY.plusSeconds(1), connection.remoteAddress());
    return connection;
  }

  /** A connection is in the table: find out who it is, then tell the listeners. */
  private void established(Connection connection, ConnectionTable.Added added) {
    Thread.ofVirtual()
        .name("libp2p-identify")
        .start(() -> {
          identify(connection);
          events.tell(listener -> {
            switch (added) {
              case FIRST_OF_PEER -> listener.connected(connection.info());
              case ANOTHER, REFUSED -> listener.identified(connection.info());
            }
          });
          connection.streams().closed().whenComplete((done, failure) -> gone(connection));
        });
  }

  private void identify(Connection connection) {
    try (Stream stream = open(connection, IDENTIFY, IdentifyMessages.PROTOCOL)) {
      IdentifyMessages.Told told =
          IdentifyMessages.receive(stream, connection.info(), connection.recordSequence());
      learn(connection, told);
    } catch (IOException e) {
      LOG.debug("identify of {}: {}", connection.peer().toShortString(), e.toString());
    } finally {
      connection.identifyDone();
    }
  }

  @Override
  public Optional<ByteBuffer> signedRecord(PeerId peer) {
    return connections.table().to(peer).flatMap(Connection::signedRecord);
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

  private Stream open(Connection connection, Duration timeout, ProtocolId... protocols)
      throws IOException {
    if (protocols.length == 0) {
      throw new IllegalArgumentException("no protocol given");
    }
    ByteStream raw = connection.streams().open();
    raw.timeout(timeout);
    try {
      if (streams() > config.limits().streams()) {
        throw new IOException("this host has its " + config.limits().streams() + " streams");
      }
      boolean known = protocols.length == 1 && connection.info().protocols().contains(protocols[0]);
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
  public HostUsage usage() {
    Admission.Counts counts = connections.counts();
    List<Connection> all = connections.table().all();
    Map<PeerId, Long> ofPeer =
        all.stream().collect(Collectors.groupingBy(Connection::peer, Collectors.counting()));
    return new HostUsage(
        counts.inbound() + counts.outbound(),
        counts.inbound(),
        counts.outbound(),
        counts.mostOfIp(),
        ofPeer.values().stream().mapToInt(Long::intValue).max().orElse(0),
        counts.pendingInbound(),
        dialer.pending(),
        streams(),
        all.stream().mapToInt(c -> c.streams().streamCount()).max().orElse(0),
        all.stream().mapToInt(c -> c.peerStreams().most()).max().orElse(0),
        counts.refused(),
        counts.evicted(),
        inbound.refused());
  }

  @Override
  public void addConnectionListener(ConnectionListener listener) {
    events.add(listener);
  }

  @Override
  public void disconnect(PeerId peer) {
    connections.table().allTo(peer).forEach(Connections::close);
  }

  @Override
  public boolean disconnectIfIdle(PeerId peer) {
    List<Connection> open = connections.table().allTo(peer);
    if (open.stream().anyMatch(Connection::hasStreams)) {
      return false;
    }
    open.forEach(Connections::close);
    return true;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    closing.countDown();
    transports.forEach(Transport::stopListening);
    dialer.close();
    resolver.close();
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
