package dev.gvmi.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostConfig;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.ProtocolId;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.address.IpGroup;
import dev.gvmi.libp2p.framing.LengthPrefixed;
import dev.gvmi.libp2p.host.Libp2pHost;
import dev.gvmi.libp2p.identify.IdentifyMessages;
import dev.gvmi.libp2p.io.StreamResetException;
import dev.gvmi.libp2p.kad.routing.KadAnswer;
import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.KadRequest;
import dev.gvmi.libp2p.kad.routing.MemoryProviderStore;
import dev.gvmi.libp2p.kad.routing.ProviderLimits;
import dev.gvmi.libp2p.kad.routing.ProviderRecord;
import dev.gvmi.libp2p.kad.routing.TableLimits;
import dev.gvmi.libp2p.kad.routing.TestPeers;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.transport.memory.MemoryFaults;
import dev.gvmi.libp2p.transport.memory.MemoryNetwork;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class KademliaIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(10);

  private static final KadConfig CONFIG =
      KadConfig.ofPrefix("/gvmi").withIntervals(Duration.ofHours(1), Duration.ofMillis(50));

  /** Looks round every two seconds while it knows few. */
  private static final KadConfig CURIOUS =
      CONFIG.withTable(new TableLimits(20, 2, 2, Duration.ofMinutes(10), Duration.ofSeconds(20)));

  private static final ProtocolId PROTOCOL = CONFIG.protocol();

  private final TestPeers keys = new TestPeers(23);
  private final MemoryNetwork network = new MemoryNetwork(2, MemoryFaults.NONE);
  private final AtomicReference<Duration> later = new AtomicReference<>(Duration.ZERO);
  private final List<Node> nodes = new ArrayList<>();

  private record Node(Host host, Kademlia kad, MemoryProviderStore store, HostKey key) {
    Multiaddr address() {
      return host.listenAddresses().getFirst().withP2p(host.id().multihash());
    }

    PeerId id() {
      return host.id();
    }

    void stop() {
      kad.close();
      host.close();
    }
  }

  private Node node(KadMode mode, KadConfig config, HostKey key, MemoryProviderStore store)
      throws IOException {
    return node(mode, config, key, store, "/memory/0");
  }

  /**
   * The first that was made is where the others start from, unless {@code config} says otherwise.
   */
  private Node node(
      KadMode mode, KadConfig config, HostKey key, MemoryProviderStore store, String listen)
      throws IOException {
    HostConfig hostConfig =
        new HostConfig(key, List.of(Multiaddr.parse(listen)), "test/1", HostLimits.DEFAULT);
    Host host =
        listen.startsWith("/memory")
            ? Libp2pHost.create(hostConfig, List.of(network.transport()))
            : Libp2pHost.create(hostConfig);
    host.start();
    List<Multiaddr> first = nodes.stream().limit(1).map(Node::address).toList();
    Kademlia kad =
        Kademlia.start(
            host,
            config.bootstrap().isEmpty() ? config.withBootstrap(first) : config,
            store,
            mode,
            () -> Instant.now().plus(later.get()),
            new Random(nodes.size()));
    Node node = new Node(host, kad, store, key);
    nodes.add(node);
    return node;
  }

  /** For all nodes at once. */
  private void timePasses(Duration duration) {
    later.updateAndGet(duration::plus);
  }

  private static ConditionFactory within() {
    return await().atMost(LIMIT).pollInterval(POLL);
  }

  private Node node(KadMode mode) throws IOException {
    return node(mode, CURIOUS, HostKey.generate(new SecureRandom()), new MemoryProviderStore());
  }

  private List<Node> servers(int count) throws IOException {
    List<Node> servers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      servers.add(node(KadMode.SERVER));
    }
    return servers;
  }

  /** Waits until each knows at least so many others. */
  private static void awaitPeers(List<Node> some, int count) {
    within().until(() -> some.stream().allMatch(n -> n.kad().status().peers() >= count));
  }

  @AfterEach
  void stop() {
    nodes.forEach(Node::stop);
    network.close();
  }

  private Multihash key() {
    return Multihash.fromBytes(keys.key().toBytes());
  }

  private static List<KadPeer> find(Node node, Multihash key) throws InterruptedException {
    List<KadPeer> found = new ArrayList<>();
    int count = node.kad().findProviders(key, 10, LIMIT, found::add);
    assertThat(found).hasSize(count);
    return found;
  }

  private static void provide(Node node, Multihash key) {
    int before = node.kad().status().announced();
    node.kad().provide(key);
    within().until(() -> node.kad().status().announced() > before);
  }

  @Test
  void oneProvidesAndAllFind() throws Exception {
    for (int i = 0; i < 8; i++) {
      node(
          KadMode.SERVER, CURIOUS, HostKey.generate(new SecureRandom()), new MemoryProviderStore());
    }
    List<Node> servers = List.copyOf(nodes);
    awaitPeers(servers, 6);
    Node provider = servers.get(5);
    Multihash key = key();
    provide(provider, key);
    for (Node node : servers) {
      List<KadPeer> found = find(node, key);
      if (node == provider) {
        assertThat(found).isEmpty();
      } else {
        assertThat(found).map(KadPeer::id).containsExactly(provider.id());
        assertThat(found.getFirst().addresses()).isEqualTo(provider.host().listenAddresses());
      }
    }
    assertThat(find(servers.get(0), key())).isEmpty();
    assertThat(provider.kad().findPeer(provider.id(), LIMIT)).isEmpty();
    assertThat(servers.get(1).kad().findPeer(provider.id(), LIMIT).orElseThrow().addresses())
        .containsAll(provider.host().listenAddresses());
  }

  @Test
  void clientsAskAndProvideButAreInNoTable() throws Exception {
    List<Node> servers = servers(4);
    Node client = node(KadMode.CLIENT);
    Node other = node(KadMode.CLIENT);
    awaitPeers(nodes, 3);
    Multihash key = key();
    provide(client, key);
    assertThat(find(other, key)).map(KadPeer::id).containsExactly(client.id());
    assertThat(client.kad().status().records()).isZero();
    assertThat(servers).allMatch(n -> n.kad().status().peers() == 3);
  }

  @Test
  void aNodeChangesItsModeWhileItRuns() throws Exception {
    List<Node> servers = servers(3);
    awaitPeers(servers, 2);
    Node changing = servers.get(2);
    changing.kad().mode(KadMode.CLIENT);
    assertThat(changing.kad().mode()).isEqualTo(KadMode.CLIENT);
    within().until(() -> servers.get(0).kad().status().peers() == 1);
    changing.kad().mode(KadMode.SERVER);
    within().until(() -> servers.get(0).kad().status().peers() == 2);
  }

  @Test
  void theDeadAreForgottenAndDoNotStandInTheWay() throws Exception {
    List<Node> servers = servers(8);
    awaitPeers(servers, 6);
    Multihash key = key();
    provide(servers.get(1), key);
    servers.subList(4, 8).forEach(Node::stop);
    assertThat(find(servers.get(2), key)).map(KadPeer::id).containsExactly(servers.get(1).id());
    within()
        .until(() -> {
          find(servers.get(2), key());
          return servers.get(2).kad().status().peers() == 3;
        });
  }

  @Test
  void aRestartResumesWhatItProvidesAndKeeps() throws Exception {
    List<Node> servers = servers(4);
    awaitPeers(servers, 3);
    Multihash key = key();
    provide(servers.get(1), key);
    Node keeper = servers.get(2);
    assertThat(keeper.kad().status().records()).isOne();
    keeper.kad().provide(key());
    keeper.stop();
    Node again = node(KadMode.SERVER, CONFIG, keeper.key(), keeper.store());
    assertThat(again.kad().status().records()).isOne();
    assertThat(again.kad().status().provided()).isOne();
    again.kad().stopProviding(key);
    within().until(() -> again.kad().status().peers() == 3);
    assertThat(find(again, key)).map(KadPeer::id).containsExactly(servers.get(1).id());
  }

  @Test
  void whatIsProvidedIsAnnouncedEachHourAndForgottenTwoHoursAfter() throws Exception {
    List<Node> servers = servers(3);
    awaitPeers(servers, 2);
    Node keeper = servers.get(1);
    Node provider = servers.get(2);
    Multihash key = key();
    provide(provider, key);
    for (int i = 0; i < 3; i++) {
      Instant before = expiry(keeper);
      // An announcement comes half an interval to 1.6 intervals after the last.
      timePasses(Duration.ofMinutes(97));
      within().until(() -> expiry(keeper).isAfter(before));
      assertThat(find(keeper, key)).hasSize(1);
    }
    provider.kad().stopProviding(key);
    within()
        .until(() -> {
          timePasses(Duration.ofMinutes(30));
          return servers.stream().allMatch(node -> node.kad().status().records() == 0);
        });
    assertThat(find(keeper, key)).isEmpty();
  }

  private static Instant expiry(Node keeper) {
    return keeper.store().records().stream()
        .map(ProviderRecord::expires)
        .max(Comparator.naturalOrder())
        .orElse(Instant.MIN);
  }

  /**
   * All that it knew are gone for good; it asks those to start from again, and finds one that was
   * not there before.
   */
  @Test
  void aNodeThatHasLostEverybodyStartsAgain() throws Exception {
    Node first = node(KadMode.SERVER);
    HostKey lateKey = HostKey.generate(new SecureRandom());
    Multiaddr lateAddress = Multiaddr.parse("/memory/4711").withP2p(lateKey.peerId().multihash());
    Node lost =
        node(
            KadMode.SERVER,
            CONFIG.withBootstrap(List.of(first.address(), lateAddress)),
            HostKey.generate(new SecureRandom()),
            new MemoryProviderStore());
    awaitPeers(List.of(lost), 1);
    first.stop();
    timePasses(Duration.ofMinutes(11));
    node(KadMode.SERVER, CONFIG, lateKey, new MemoryProviderStore(), "/memory/4711");
    within().until(() -> lost.kad().findPeer(lateKey.peerId(), LIMIT).isPresent());
    provide(lost, key());
  }

  /**
   * Whoever fills our own records with providers that are none does not keep us from finding one
   * that is.
   */
  @Test
  void recordsKeptHereDoNotStandInForTheNetwork() throws Exception {
    List<Node> servers = servers(4);
    awaitPeers(servers, 3);
    Multihash key = key();
    provide(servers.get(1), key);
    HostKey victimKey = HostKey.generate(new SecureRandom());
    MemoryProviderStore poisoned = new MemoryProviderStore();
    Instant expires = Instant.now().plus(Duration.ofHours(1));
    for (int i = 0; i < 64; i++) {
      KadPeer fake = keys.at("/memory/" + (900_000 + i));
      poisoned.put(new ProviderRecord(KadKey.of(key), fake, new IpGroup("fake" + i), expires));
    }
    Node victim = node(KadMode.CLIENT, CONFIG, victimKey, poisoned);
    awaitPeers(List.of(victim), 3);
    assertThat(find(victim, key)).map(KadPeer::id).contains(servers.get(1).id());
  }

  @Test
  void joinsByAPeerWhoseIdentifyFails() throws Exception {
    Node server = node(KadMode.SERVER);
    server.host().handle(IdentifyMessages.PROTOCOL, stream -> stream.reset(0));
    Node joining = node(KadMode.SERVER);
    awaitPeers(List.of(joining), 1);
  }

  @Test
  void aSearchRightAfterTheStartWaitsForTheFirstPeer() throws Exception {
    List<Node> servers = servers(3);
    awaitPeers(servers, 2);
    Multihash key = key();
    provide(servers.get(1), key);
    Node fresh = node(KadMode.CLIENT);
    assertThat(find(fresh, key)).map(KadPeer::id).containsExactly(servers.get(1).id());
  }

  /**
   * Two that join in the same moment are told of nobody; they find each other when they look round
   * again.
   */
  @Test
  void worksOverTcp() throws Exception {
    for (int i = 0; i < 3; i++) {
      node(
          KadMode.SERVER,
          CURIOUS,
          HostKey.generate(new SecureRandom()),
          new MemoryProviderStore(),
          "/ip4/127.0.0.1/tcp/0");
    }
    awaitPeers(nodes, 2);
    Multihash key = key();
    provide(nodes.get(1), key);
    assertThat(find(nodes.get(2), key)).map(KadPeer::id).containsExactly(nodes.get(1).id());
  }

  @Test
  void aProviderWaitsForTheNetworkAndThenAnnounces() throws Exception {
    Node alone = node(KadMode.SERVER);
    alone.kad().provide(key());
    assertThat(alone.kad().status().announced()).isZero();
    Node late = node(KadMode.SERVER);
    within().until(() -> alone.kad().status().announced() == 1);
    within().until(() -> late.kad().status().records() == 1);
  }

  private static KadAnswer ask(Stream stream, KadRequest request) throws IOException {
    LengthPrefixed.write(stream, KadMessages.encode(request));
    return KadMessages.decodeAnswer(
        request, LengthPrefixed.read(stream, KadMessages.MAX_ANSWER_BYTES));
  }

  private Stream open(Host host, Node to) throws IOException {
    host.dial(to.address(), LIMIT);
    Stream stream = host.newStream(to.id(), LIMIT, PROTOCOL);
    stream.timeout(LIMIT);
    return stream;
  }

  private Host plainHost() throws IOException {
    return node(
            KadMode.CLIENT,
            KadConfig.ofPrefix("/elsewhere"),
            HostKey.generate(new SecureRandom()),
            new MemoryProviderStore())
        .host();
  }

  @Test
  void answersSeveralRequestsOnAStream() throws Exception {
    List<Node> servers = servers(3);
    awaitPeers(servers, 2);
    try (Stream stream = open(plainHost(), servers.get(0))) {
      for (int i = 0; i < 5; i++) {
        assertThat(ask(stream, new KadRequest.Ping())).isEqualTo(KadAnswer.EMPTY);
        assertThat(ask(stream, new KadRequest.FindNode(keys.key())).closer()).hasSize(2);
        assertThat(ask(stream, new KadRequest.GetValue(keys.key())).closer()).hasSize(2);
      }
    }
  }

  @Test
  void refusesARecordOfSomebodyElse() throws Exception {
    Node server = node(KadMode.SERVER);
    try (Stream stream = open(plainHost(), server)) {
      KadRequest forged = new KadRequest.AddProvider(keys.key(), List.of(keys.peer()));
      LengthPrefixed.write(stream, KadMessages.encode(forged));
      assertThatThrownBy(() -> LengthPrefixed.read(stream, 10))
          .isInstanceOf(StreamResetException.class);
    }
    assertThat(server.kad().status().records()).isZero();
  }

  @Test
  void aFloodOfRecordsIsCutOff() throws Exception {
    Node server = node(KadMode.SERVER);
    Host flooder = plainHost();
    KadPeer self = KadPeer.of(flooder.id(), flooder.listenAddresses());
    try (Stream stream = open(flooder, server)) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 100_000; i++) {
                  KadRequest add = new KadRequest.AddProvider(keys.key(), List.of(self));
                  LengthPrefixed.write(stream, KadMessages.encode(add));
                }
              })
          .isInstanceOf(StreamResetException.class);
    }
    int burst = KadLimits.DEFAULT.burst();
    assertThat(server.kad().status().records()).isBetween(1, 2 * burst);
    Node honest = node(KadMode.SERVER);
    awaitPeers(List.of(honest), 1);
    provide(honest, key());
  }

  @Test
  void aPeerHasSoManyStreams() throws Exception {
    Node server = node(KadMode.SERVER);
    Host host = plainHost();
    List<Stream> open = new ArrayList<>();
    for (int i = 0; i < KadLimits.DEFAULT.streamsPerPeer(); i++) {
      Stream stream = open(host, server);
      ask(stream, new KadRequest.Ping());
      open.add(stream);
    }
    Stream tooMany = open(host, server);
    assertThatThrownBy(() -> ask(tooMany, new KadRequest.Ping())).isInstanceOf(IOException.class);
    open.forEach(Stream::close);
    within()
        .ignoreExceptions()
        .until(() -> ask(open(host, server), new KadRequest.Ping()).closer().isEmpty());
  }

  /** A server that answers FIND_NODE, but nothing else. */
  private Node mute(CountDownLatch asked) throws IOException {
    Node mute = node(KadMode.CLIENT);
    mute.host()
        .handle(
            PROTOCOL,
            stream -> {
              stream.timeout(LIMIT);
              while (true) {
                KadRequest request = KadMessages.decodeRequest(LengthPrefixed.read(stream, 10_000));
                if (request instanceof KadRequest.FindNode) {
                  LengthPrefixed.write(stream, KadMessages.encodeAnswer(request, KadAnswer.EMPTY));
                } else {
                  asked.countDown();
                }
              }
            });
    return mute;
  }

  private static KadPeer peerOf(Node node) {
    return KadPeer.of(node.id(), node.host().listenAddresses());
  }

  @Test
  void aRequestTooManyWaitsAndSaysNothingAboutThePeer() throws Exception {
    Node server = node(KadMode.SERVER);
    CountDownLatch asked = new CountDownLatch(1);
    Node mute = mute(asked);
    KadLimits one = new KadLimits(1, 1, 8, 50, 200, Duration.ofSeconds(30));
    Thread waiting;
    try (KadClient client = new KadClient(plainHost(), PROTOCOL, one, Instant::now)) {
      waiting =
          Thread.ofVirtual()
              .start(() ->
                  assertThatThrownBy(() -> client.ask(peerOf(mute), new KadRequest.Ping(), LIMIT))
                      .isInstanceOf(IOException.class));
      assertThat(asked.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThatThrownBy(
              () -> client.ask(peerOf(server), new KadRequest.Ping(), Duration.ofMillis(50)))
          .isInstanceOf(KadClient.BusyException.class);
    }
    waiting.join();
  }

  @Test
  void aSearchTooManyWaits() throws Exception {
    CountDownLatch asked = new CountDownLatch(2);
    mute(asked);
    KadLimits one = new KadLimits(1, 64, 8, 50, 200, Duration.ofSeconds(30));
    Node seeker =
        node(
            KadMode.CLIENT,
            CONFIG.withLimits(ProviderLimits.DEFAULT, one),
            HostKey.generate(new SecureRandom()),
            new MemoryProviderStore());
    awaitPeers(List.of(seeker), 1);
    Multihash key = key();
    Thread first =
        Thread.ofVirtual()
            .start(() ->
                assertThatThrownBy(() -> seeker.kad().findProviders(key, 1, LIMIT, provider -> {}))
                    .isInstanceOf(InterruptedException.class));
    within().until(() -> asked.getCount() == 1);
    assertThat(seeker.kad().findProviders(key, 1, Duration.ofMillis(100), provider -> {})).isZero();
    assertThat(asked.getCount()).isOne();
    first.interrupt();
    first.join();
  }

  /** A server that tells of twenty peers that are not there, whatever it is asked. */
  private Node liar() throws IOException {
    Node liar = node(KadMode.CLIENT);
    liar.host()
        .handle(
            PROTOCOL,
            stream -> {
              stream.timeout(LIMIT);
              while (true) {
                KadRequest request = KadMessages.decodeRequest(LengthPrefixed.read(stream, 10_000));
                List<KadPeer> junk =
                    IntStream.range(0, 20).mapToObj(i -> keys.at("/memory/999999")).toList();
                LengthPrefixed.write(
                    stream, KadMessages.encodeAnswer(request, new KadAnswer(junk, List.of())));
              }
            });
    return liar;
  }

  @Test
  void liarsAreGotRound() throws Exception {
    List<Node> servers = servers(6);
    awaitPeers(servers, 5);
    Multihash key = key();
    provide(servers.get(0), key);
    liar();
    liar();
    Node seeker = node(KadMode.SERVER);
    awaitPeers(List.of(seeker), 7);
    assertThat(find(seeker, key)).map(KadPeer::id).containsExactly(servers.get(0).id());
  }

  @Test
  void connectionsThatItMadeAreClosedWhenNobodyUsesThem() throws Exception {
    KadLimits impatient = new KadLimits(16, 64, 8, 50, 200, Duration.ofMillis(500));
    KadConfig config = CONFIG.withLimits(ProviderLimits.DEFAULT, impatient);
    servers(5);
    awaitPeers(nodes, 4);
    Node client =
        node(
            KadMode.CLIENT,
            config,
            HostKey.generate(new SecureRandom()),
            new MemoryProviderStore());
    awaitPeers(List.of(client), 5);
    // The peer that it started from is dialled by its address, and is no connection of the DHT's.
    within().until(() -> client.host().peers().size() <= 1);
    assertThat(client.kad().status().peers()).isEqualTo(5);
    assertThat(find(client, key())).isEmpty();
  }
}
