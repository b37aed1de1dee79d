package dev.gvmi.libp2p.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.kad.KadConfig;
import dev.gvmi.libp2p.kad.KadMode;
import dev.gvmi.libp2p.kad.Kademlia;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.MemoryProviderStore;
import dev.gvmi.libp2p.kad.routing.TableLimits;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Three DHT servers of another implementation and two of ours, in one DHT that all tests share. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class KadInteropContract {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /**
   * Looks round each second while it knows few, so that the test need not wait a minute for that.
   */
  private static final KadConfig CONFIG =
      KadConfig.ofPrefix("/gvmi")
          .withIntervals(Duration.ofHours(1), Duration.ofMillis(200))
          .withTable(new TableLimits(20, 2, 2, Duration.ofMinutes(10), Duration.ofSeconds(10)));

  @TempDir private static Path temporary;
  private final SecureRandom random = new SecureRandom();
  private final List<Ours> ours = new ArrayList<>();
  private final List<RemotePeer> theirs = new ArrayList<>();

  /** Skips the test, and says why, if there is none. */
  abstract void assumeInstalled();

  /** Starts a peer of theirs that is a {@code server} or a {@code client}. */
  abstract RemotePeer start(Path log, String mode) throws Exception;

  private record Ours(OurPeer peer, Kademlia kad) implements AutoCloseable {
    List<KadPeer> find(Multihash key, int wanted) throws InterruptedException {
      List<KadPeer> found = new ArrayList<>();
      kad.findProviders(key, wanted, LIMIT, found::add);
      return found;
    }

    PeerId id() {
      return peer.id();
    }

    @Override
    public void close() {
      kad.close();
      peer.close();
    }
  }

  private Ours ours(KadMode mode, List<Multiaddr> bootstrap) throws IOException {
    OurPeer peer = OurPeer.start(HostLimits.DEFAULT);
    Kademlia kad =
        Kademlia.start(
            peer.host(),
            CONFIG.withBootstrap(bootstrap),
            new MemoryProviderStore(),
            mode,
            InstantSource.system(),
            new Random(ours.size()));
    Ours node = new Ours(peer, kad);
    ours.add(node);
    return node;
  }

  private RemotePeer theirs(String mode) throws Exception {
    RemotePeer peer = start(temporary.resolve("stderr" + theirs.size() + ".txt"), mode);
    theirs.add(peer);
    return peer;
  }

  @BeforeAll
  void connectAll() throws Exception {
    assumeInstalled();
    List<CompletableFuture<RemotePeer>> starting = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Path log = temporary.resolve("stderr-" + i + ".txt");
      starting.add(OurPeer.inBackground(() -> start(log, "server")));
    }
    for (CompletableFuture<RemotePeer> start : starting) {
      theirs.add(start.get(60, TimeUnit.SECONDS));
    }
    ours(KadMode.SERVER, List.of(theirs.getFirst().address()));
    ours(KadMode.SERVER, List.of(ours.getFirst().peer().address()));
    dial(theirs.get(1), ours.getFirst().peer().address());
    dial(theirs.get(2), theirs.get(1).address());
    await().atMost(LIMIT).until(() -> ours.stream().allMatch(n -> n.kad().status().peers() == 4));
    await().atMost(LIMIT).until(() -> knowOurs(theirs));
  }

  private static void dial(RemotePeer from, Multiaddr to) throws Exception {
    from.call("dial", "address", to.toString());
  }

  /** Whether each has one of our servers in its table. */
  private boolean knowOurs(List<RemotePeer> peers) throws Exception {
    List<String> ids = ours.stream().map(node -> node.id().toString()).toList();
    for (RemotePeer peer : peers) {
      JsonNode table = peer.call("table").path("peers");
      if (table.valueStream().map(JsonNode::asString).noneMatch(ids::contains)) {
        return false;
      }
    }
    return true;
  }

  @AfterAll
  void stopAll() {
    theirs.forEach(RemotePeer::close);
    ours.forEach(Ours::close);
  }

  /** As it is made from the multihash of an image, SHA3-224 of 28 bytes. */
  private Multihash key() throws Exception {
    byte[] image = new byte[28];
    random.nextBytes(image);
    byte[] multihash = Multihash.of(0x17, image).toBytes();
    return Multihash.of(Multihash.SHA2_256, MessageDigest.getInstance("SHA-256").digest(multihash));
  }

  private static String hex(Multihash key) {
    return HexFormat.of().formatHex(key.toBytes());
  }

  private static void provide(Ours node, Multihash key) {
    int before = node.kad().status().announced();
    node.kad().provide(key);
    await().atMost(LIMIT).until(() -> node.kad().status().announced() > before);
  }

  private static void assertFinds(RemotePeer seeker, Multihash key, Ours provider)
      throws Exception {
    JsonNode found = seeker.call("findProviders", "key", hex(key), "count", 1);
    assertThat(found.valueStream().map(p -> p.path("id").asString()))
        .containsExactly(provider.id().toString());
    assertThat(found.path(0).path("addresses").valueStream().map(JsonNode::asString))
        .contains(provider.peer().address().withoutP2p().toString());
  }

  private static void assertFinds(Ours seeker, Multihash key, RemotePeer provider)
      throws InterruptedException {
    List<KadPeer> found = seeker.find(key, 1);
    assertThat(found).map(KadPeer::id).containsExactly(provider.id());
    assertThat(found.getFirst().addresses()).contains(provider.address().withoutP2p());
  }

  @Test
  void theirsProvidesAndOursKeepsTheRecordAndFindsIt() throws Exception {
    for (RemotePeer provider : theirs.subList(0, 3)) {
      List<Integer> before = ours.stream().map(node -> node.kad().status().records()).toList();
      Multihash key = key();
      provider.call("provide", "key", hex(key));
      for (int i = 0; i < 2; i++) {
        Ours seeker = ours.get(i);
        int records = before.get(i);
        await().atMost(LIMIT).until(() -> seeker.kad().status().records() > records);
        assertFinds(seeker, key, provider);
      }
    }
  }

  @Test
  void oursProvidesAndTheirsFinds() throws Exception {
    for (Ours provider : ours.subList(0, 2)) {
      Multihash key = key();
      provide(provider, key);
      for (RemotePeer seeker : theirs.subList(0, 3)) {
        assertFinds(seeker, key, provider);
      }
    }
  }

  @Test
  void oneImageHasProvidersOfBothKinds() throws Exception {
    Multihash key = key();
    theirs.getFirst().call("provide", "key", hex(key));
    provide(ours.get(1), key);
    assertThat(ours.getFirst().find(key, 10))
        .map(KadPeer::id)
        .containsExactlyInAnyOrder(theirs.getFirst().id(), ours.get(1).id());
    assertThat(
            theirs
                .get(1)
                .call("findProviders", "key", hex(key), "count", 2)
                .valueStream()
                .map(p -> p.path("id").asString()))
        .containsExactlyInAnyOrder(theirs.getFirst().id().toString(), ours.get(1).id().toString());
  }

  @Test
  void nobodyProvidesWhatNobodyHas() throws Exception {
    Multihash key = key();
    assertThat(ours.getFirst().find(key, 1)).isEmpty();
    assertThat(theirs.getFirst().call("findProviders", "key", hex(key), "count", 1)).isEmpty();
  }

  @Test
  void findsPeersThatItIsNotConnectedTo() throws Exception {
    Ours alone = ours(KadMode.CLIENT, List.of(theirs.get(1).address()));
    await().atMost(LIMIT).until(() -> alone.kad().status().peers() > 0);
    for (RemotePeer wanted : theirs.subList(0, 3)) {
      assertThat(alone.kad().findPeer(wanted.id(), LIMIT).orElseThrow().addresses())
          .contains(wanted.address().withoutP2p());
    }
    JsonNode found = theirs.get(2).call("findPeer", "peer", ours.get(1).id().toString());
    assertThat(found.path("id").asString()).isEqualTo(ours.get(1).id().toString());
    assertThat(found.path("addresses").valueStream().map(JsonNode::asString))
        .contains(ours.get(1).peer().address().withoutP2p().toString());
  }

  @Test
  void aClientOfOursProvidesAndFinds() throws Exception {
    Ours client = ours(KadMode.CLIENT, List.of(theirs.getFirst().address()));
    await().atMost(LIMIT).until(() -> client.kad().status().peers() >= 3);
    Multihash key = key();
    provide(client, key);
    assertFinds(theirs.get(2), key, client);
    Multihash other = key();
    theirs.get(1).call("provide", "key", hex(other));
    assertFinds(client, other, theirs.get(1));
    assertThat(theirs.getFirst().call("table").path("peers").valueStream().map(JsonNode::asString))
        .doesNotContain(client.id().toString());
  }

  @Test
  void aClientOfTheirsProvidesAndFinds() throws Exception {
    RemotePeer client = theirs("client");
    int known = ours.getFirst().kad().status().peers();
    dial(client, ours.getFirst().peer().address());
    await().atMost(LIMIT).until(() -> knowOurs(List.of(client)));
    Multihash key = key();
    client.call("provide", "key", hex(key));
    await().atMost(LIMIT).untilAsserted(() -> assertFinds(ours.get(1), key, client));
    Multihash other = key();
    provide(ours.get(1), other);
    assertFinds(client, other, ours.get(1));
    assertThat(ours.getFirst().kad().status().peers()).isEqualTo(known);
  }
}
