package dev.gvmi.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.node.cache.Space;
import dev.gvmi.node.control.NodeService.PrefetchRequest;
import dev.gvmi.node.runtime.PlacedFiles;
import dev.gvmi.node.runtime.WantedNames;
import dev.gvmi.node.store.ImageLease;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.node.store.TestClock;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.protocol.image.ImageRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class CacheUpkeepIT {
  private static final TestImage IMAGE = TestImage.random(100_000, 1);
  private static final String URL = "hash:sha3:" + IMAGE.id() + ":http://a.example/";
  private static final FileTime LONG_AGO = FileTime.from(Instant.now().minus(Duration.ofDays(40)));

  @TempDir private Path temp;
  private Path one;
  private Path two;
  private ImageStore store;
  private StoredImage image;
  private PlacedFiles placed;
  private WantedNames wanted;
  private Placer placer;
  private CacheUpkeep upkeep;

  @BeforeEach
  void open() throws IOException {
    one = Files.createDirectory(temp.resolve("one"));
    two = temp.resolve("two");
    Path data = temp.resolve("data");
    store = RocksImageStore.open(data, new TestClock());
    image = store.adopt(Files.write(store.newImportFile(), IMAGE.bytes()), IMAGE.proof());
    placed = new PlacedFiles(data);
    wanted = new WantedNames(data);
    List<Path> caches = List.of(one, two);
    placer = new Placer(caches, true, wanted, placed, Space.of(() -> Long.MAX_VALUE));
    upkeep = new CacheUpkeep(store, placer, placed, wanted, caches, InstantSource.system());
  }

  @AfterEach
  void close() {
    upkeep.close();
    store.close();
  }

  private Placer.Placement place(String text, @Nullable String cache) {
    return placer.place(
        image,
        ImageRef.parse(text),
        new PrefetchRequest(text, List.of(), null, null, cache, false, false));
  }

  private String named(String stem) {
    return stem + "_" + IMAGE.id();
  }

  @Test
  void imageIsPlacedInAllFoldersUnderAllOfItsNames() throws IOException {
    Files.createDirectory(two);
    assertThat(place(URL + "x.gvmi", null))
        .isEqualTo(new Placer.Placement(one.resolve(named("x") + ".gvmi"), null));
    assertThat(place(URL + "y", null).problem()).isNull();
    assertThat(place(IMAGE.id().hex(), null).problem()).isNull();
    for (Path cache : List.of(one, two)) {
      assertThat(names(cache))
          .containsExactlyInAnyOrder(named("x") + ".gvmi", named("y"), named(IMAGE.id().hex()));
      assertThat(cache.resolve(named("y"))).hasBinaryContent(IMAGE.bytes());
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (var all = Files.list(folder)) {
      return all.map(file -> String.valueOf(file.getFileName())).toList();
    }
  }

  @Test
  void folderThatAppearsLaterGetsAllNames() throws IOException {
    assertThat(place(URL + "x.gvmi", null).problem()).isNull();
    assertThat(place(URL + "y", null).problem()).isNull();
    upkeep.pass();
    assertThat(two).doesNotExist();
    Files.createDirectory(two);
    upkeep.pass();
    assertThat(names(two)).containsExactlyInAnyOrder(named("x") + ".gvmi", named("y"));
    Files.delete(one.resolve(named("y")));
    upkeep.pass();
    assertThat(one.resolve(named("y"))).hasBinaryContent(IMAGE.bytes());
  }

  @Test
  void namesInAFolderThatWasNamedForOnceAreNotKept() throws IOException {
    Path other = Files.createDirectory(temp.resolve("other"));
    assertThat(place(URL + "x", other.toString()).placed()).isEqualTo(other.resolve(named("x")));
    assertThat(place(URL + "y", one + "\n" + other).problem()).isNull();
    Files.delete(other.resolve(named("x")));
    upkeep.pass();
    assertThat(names(one)).containsExactly(named("y"));
    assertThat(names(other)).containsExactly(named("y"));
    assertThat(place(URL + "z", temp.resolve("missing").toString()).problem())
        .contains("there is no runtime cache");
  }

  @Test
  void whatIsPlacedIsTouchedWhileTheImageIsHeld() throws IOException {
    assertThat(place(URL + "linked", null).problem()).isNull();
    Path link = one.resolve(named("linked"));
    Path copy = Files.write(one.resolve(named("copy")), IMAGE.bytes());
    placed.placed(
        IMAGE.id(),
        new dev.gvmi.node.runtime.PlaceResult.Placed(
            copy, dev.gvmi.node.runtime.PlaceResult.Method.COPY));
    Path foreign = Files.write(one.resolve(named("foreign")), IMAGE.bytes());
    for (Path file : List.of(copy, foreign)) {
      Files.setLastModifiedTime(file, LONG_AGO);
    }
    upkeep.pass();
    assertThat(Files.getLastModifiedTime(copy).toInstant())
        .isAfter(Instant.now().minus(Duration.ofHours(1)));
    assertThat(Files.getLastModifiedTime(foreign)).isEqualTo(FileTime.from(LONG_AGO.toInstant()));
    assertThat(Files.isSameFile(link, image.file())).isTrue();
    image.check();
  }

  @Test
  void linkThatIsOldIsTouchedAndTheStoreKnows() throws IOException {
    upkeep.close();
    assertThat(place(URL + "linked", null).problem()).isNull();
    CacheUpkeep later =
        new CacheUpkeep(
            store,
            placer,
            placed,
            wanted,
            List.of(one, two),
            () -> Instant.now().plus(Duration.ofDays(2)));
    FileTime before = Files.getLastModifiedTime(image.file());
    later.pass();
    assertThat(Files.getLastModifiedTime(one.resolve(named("linked"))))
        .isGreaterThanOrEqualTo(before);
    image.check();
    later.close();
  }

  @Test
  void anImageThatIsLookedAtIsNotInUse() {
    assertThat(place(URL + "linked", null).problem()).isNull();
    List<Boolean> leased = new ArrayList<>();
    upkeep.close();
    upkeep =
        new CacheUpkeep(
            store,
            placer,
            placed,
            wanted,
            List.of(one),
            () -> {
              leased.add(store.footprints().getFirst().leased());
              return Instant.now();
            });
    upkeep.pass();
    assertThat(leased).containsOnly(false);
  }

  @Test
  void whatIsTooMuchGoesBeforeAnythingIsPlaced() throws IOException {
    assertThat(place(URL + "x", null).problem()).isNull();
    Path file = one.resolve(named("x"));
    Files.delete(file);
    AtomicBoolean early = new AtomicBoolean();
    upkeep.start(() -> {
      early.set(Files.exists(file));
      throw new StoreException(StoreException.Kind.IO, "cannot look");
    });
    await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(file).exists());
    assertThat(early).isFalse();
  }

  @Test
  void nothingIsPlacedOfAnImageThatIsBeingEvicted() throws IOException {
    assertThat(place(URL + "x", null).problem()).isNull();
    Files.delete(one.resolve(named("x")));
    assertThat(store.evict(IMAGE.id(), upkeep::pass)).isTrue();
    assertThat(names(one)).isEmpty();
  }

  @Test
  void anImageThatIsBeingReadKeepsItsNamesWhenItCannotBeEvicted() {
    assertThat(place(URL + "x", null).problem()).isNull();
    Eviction eviction = new Eviction(store, new CacheNames(placed, wanted), one);
    ImageLease lease = store.lease(IMAGE.id());
    try (lease) {
      assertThat(eviction.evict(IMAGE.id())).isFalse();
    }
    assertThat(wanted.of(IMAGE.id())).containsExactly(named("x"));
    assertThat(eviction.evict(IMAGE.id())).isTrue();
    assertThat(wanted.of(IMAGE.id())).isEmpty();
  }

  @Test
  void fileOfSomebodyElseStaysAsItIs() throws IOException {
    Files.createDirectory(two);
    Path foreign = Files.writeString(two.resolve(named("x")), "something else");
    assertThat(place(URL + "x", null))
        .satisfies(p -> assertThat(p.placed()).isEqualTo(one.resolve(named("x"))))
        .satisfies(p -> assertThat(p.problem()).contains("14 bytes"));
    upkeep.pass();
    upkeep.pass();
    assertThat(foreign).hasContent("something else");
  }

  @Test
  void namesGoFromAllFoldersWhenTheImageGoes() throws IOException {
    Files.createDirectory(two);
    assertThat(place(URL + "x", null).problem()).isNull();
    Files.writeString(two.resolve("foreign_" + IMAGE.id()), "foreign");
    CacheNames names = new CacheNames(placed, wanted);
    List<String> removed = new ArrayList<>();
    List<String> left = new ArrayList<>();
    names.clear(IMAGE.id(), image.file(), one, removed, left);
    names.forget(IMAGE.id());
    assertThat(left).isEmpty();
    assertThat(removed)
        .containsExactlyInAnyOrder(
            one.resolve(named("x")).toString(), two.resolve(named("x")).toString());
    assertThat(names(one)).isEmpty();
    assertThat(names(two)).containsExactly("foreign_" + IMAGE.id());
    upkeep.pass();
    assertThat(names(one)).isEmpty();
  }

  @Test
  void namesOfOneImageAreLimited() {
    for (int i = 0; i < 65; i++) {
      wanted.add(IMAGE.id(), "n" + i);
    }
    assertThat(wanted.of(IMAGE.id())).hasSize(64).contains("n63").doesNotContain("n64");
  }
}
