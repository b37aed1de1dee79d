package dev.gvmi.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.gvmi.node.runtime.PlaceResult.AlreadyThere;
import dev.gvmi.node.runtime.PlaceResult.Method;
import dev.gvmi.node.runtime.PlaceResult.Placed;
import dev.gvmi.node.runtime.PlaceResult.Refused;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.node.store.TestClock;
import dev.gvmi.node.store.TestFiles;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class RuntimeCacheIT {
  // More than two of the buffers that files are copied and compared by
  private static final TestImage IMAGE = TestImage.random(2_500_000, 1);
  private static final String NAME = "image_" + IMAGE.id() + ".gvmi";

  /** Memory that most Linux systems have as a file system beside that of the temporary folder. */
  private static final Path OTHER_FILE_SYSTEM = Path.of("/dev/shm");

  private final TestClock clock = new TestClock();
  @TempDir private Path temp;
  private Path data;
  private Path folder;
  private ImageStore store;
  private StoredImage image;
  private @Nullable Path elsewhere;

  @BeforeEach
  void open() throws IOException {
    data = temp.resolve("data");
    folder = Files.createDirectory(temp.resolve("cache"));
    store = RocksImageStore.open(data, clock);
    image = store.adopt(Files.write(store.newImportFile(), IMAGE.bytes()), IMAGE.proof());
  }

  @AfterEach
  void close() throws IOException {
    store.close();
    if (elsewhere != null) {
      TestFiles.deleteTree(elsewhere);
    }
  }

  private PlaceResult place() {
    return new RuntimeCache(folder).place(image, NAME);
  }

  private Path target() {
    return folder.resolve(NAME);
  }

  private Path folderElsewhere() throws IOException {
    assumeThat(OTHER_FILE_SYSTEM).as("a second file system").isDirectory();
    assumeThat(Files.isWritable(OTHER_FILE_SYSTEM)).as("it is writable").isTrue();
    assumeThat(Files.getFileStore(OTHER_FILE_SYSTEM))
        .as("it is not the one of the temporary folder")
        .isNotEqualTo(Files.getFileStore(temp));
    Path made = Files.createTempDirectory(OTHER_FILE_SYSTEM, "gvmi-p2p-test-");
    elsewhere = made;
    return made;
  }

  private void assertOnlyTheImageIsThere() throws IOException {
    assertThat(TestFiles.list(folder)).containsExactly(target());
    assertThat(target()).hasBinaryContent(IMAGE.bytes());
  }

  /** Refused, and the file that was there is as it was. */
  private void assertRefusesAndLeaves(byte[] content) throws IOException {
    FileTime old = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
    Files.write(target(), content);
    Files.setLastModifiedTime(target(), old);
    assertThat(place()).isInstanceOf(Refused.class);
    assertThat(TestFiles.list(folder)).containsExactly(target());
    assertThat(target()).hasBinaryContent(content);
    assertThat(Files.getLastModifiedTime(target())).isEqualTo(old);
  }

  @Test
  void placesTheImageAsCheaplyAsTheFileSystemCan() throws IOException {
    Placed placed = (Placed) place();
    assertThat(placed.file()).isEqualTo(target());
    assertThat(placed.method()).isIn(Method.REFLINK, Method.HARD_LINK);
    assertThat(Files.isSameFile(target(), image.file()))
        .isEqualTo(placed.method() == Method.HARD_LINK);
    assertOnlyTheImageIsThere();
  }

  @Test
  void thePlacedImageIsStillServedAlsoAfterARestart() {
    assertThat(place()).isInstanceOf(Placed.class);
    clock.advance(Duration.ofMinutes(1));
    image.read(0, ByteBuffer.allocate(1000));
    store.close();
    store = RocksImageStore.open(data, clock);
    assertThat(store.image(IMAGE.id())).isPresent();
  }

  @Test
  void copiesToAnotherFileSystem() throws IOException {
    folder = folderElsewhere();
    assertThat(place()).isEqualTo(new Placed(target(), Method.COPY));
    assertOnlyTheImageIsThere();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target())))
        .isEqualTo("rw-r--r--");
  }

  @Test
  void findsItsOwnLinkThereAndTouchesIt() throws IOException {
    Files.createLink(target(), image.file());
    clock.advance(Duration.ofDays(20));
    assertThat(place()).isEqualTo(new AlreadyThere(target()));
    assertThat(Files.getLastModifiedTime(target()).toInstant()).isEqualTo(clock.instant());
    assertOnlyTheImageIsThere();
  }

  @Test
  void findsTheRightContentThereAndTouchesIt() throws IOException {
    Files.write(target(), IMAGE.bytes());
    Files.setLastModifiedTime(target(), FileTime.from(Instant.EPOCH));
    assertThat(place()).isEqualTo(new AlreadyThere(target()));
    assertThat(Files.getLastModifiedTime(target()).toInstant())
        .isAfter(Instant.now().minus(Duration.ofMinutes(5)));
    assertThat(Files.isSameFile(target(), image.file())).isFalse();
    assertOnlyTheImageIsThere();
  }

  @Test
  void refusesAndLeavesAFileOfAnotherSize() throws IOException {
    assertRefusesAndLeaves(new byte[] {1, 2, 3});
    assertRefusesAndLeaves(new byte[0]);
  }

  @Test
  void refusesAndLeavesAFileOfOtherContent() throws IOException {
    byte[] wrong = IMAGE.bytes();
    wrong[wrong.length - 1] ^= 1;
    assertRefusesAndLeaves(wrong);
  }

  @Test
  void refusesWhatIsNoFile() throws IOException {
    Files.createDirectory(target());
    assertThat(place()).isInstanceOf(Refused.class);
    Files.delete(target());
    Files.createSymbolicLink(target(), temp.resolve("nowhere"));
    assertThat(place()).isInstanceOf(Refused.class);
    assertThat(temp.resolve("nowhere")).doesNotExist();
    assertThat(TestFiles.list(folder)).containsExactly(target());
  }

  @Test
  void refusesAFolderThatIsMissingAndDoesNotMakeIt() {
    Path missing = temp.resolve("missing");
    assertThat(new RuntimeCache(missing).place(image, NAME)).isInstanceOf(Refused.class);
    assertThat(missing).doesNotExist();
  }

  @Test
  void refusesAFolderItCannotWriteTo() throws IOException {
    Path closed = unwritableFolder();
    assertThat(new RuntimeCache(closed).place(image, NAME))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.reason()).contains("cannot write"));
    assertThat(closed.resolve(NAME)).doesNotExist();
  }

  /** Root may write anywhere but in a file system that takes no files. */
  private Path unwritableFolder() throws IOException {
    Path closed = Files.createDirectory(temp.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    if (!Files.isWritable(closed)) {
      return closed;
    }
    Path system = Path.of("/sys/kernel");
    assumeThat(system).as("a folder that even root cannot write to").isDirectory();
    return system;
  }

  @Test
  void refusesNamesThatAreNotOne() throws IOException {
    RuntimeCache cache = new RuntimeCache(folder);
    for (String name :
        List.of("", ".", "..", "a/b", "/x", "../x", "a\0b", "x".repeat(256), "é".repeat(128))) {
      assertThat(cache.place(image, name)).as(name).isInstanceOf(Refused.class);
    }
    assertThat(folder).isEmptyDirectory();
    assertThat(temp.resolve("x")).doesNotExist();
  }

  @Test
  void aRefusalIsOneLineWhateverTheNameIs() {
    String name = "a/\n\u001b[31m" + "b".repeat(9999);
    Refused refused = (Refused) new RuntimeCache(folder).place(image, name);
    assertThat(refused.reason()).doesNotContain("\n", "\u001b").hasSizeLessThan(400);
  }

  @Test
  void placesUnderTheLongestNameThereIs() {
    assertThat(new RuntimeCache(folder).place(image, "x".repeat(255))).isInstanceOf(Placed.class);
  }

  @Test
  void refusesAnImageThatChangedOnDisk() throws IOException {
    TestFiles.flipByte(image.file(), 3);
    assertThat(place()).isInstanceOf(Refused.class);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void oneOfManyPlacesItAndTheOthersFindIt() throws Exception {
    assertOneOfManyPlaces();
  }

  @Test
  void oneOfManyCopiesItAndTheOthersFindIt() throws Exception {
    folder = folderElsewhere();
    assertOneOfManyPlaces();
  }

  private void assertOneOfManyPlaces() throws Exception {
    List<Future<PlaceResult>> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        results.add(threads.submit(this::place));
      }
    }
    int placed = 0;
    for (Future<PlaceResult> result : results) {
      assertThat(result.get()).isInstanceOfAny(Placed.class, AlreadyThere.class);
      placed += result.get() instanceof Placed ? 1 : 0;
    }
    assertThat(placed).isEqualTo(1);
    assertOnlyTheImageIsThere();
  }

  @Test
  void deletesItsOwnOldTemporaryFilesOnly() throws IOException {
    Path old = aged(".gvmi-p2p-123e4567-e89b-12d3-a456-426614174000.tmp");
    Path fresh =
        Files.createFile(folder.resolve(".gvmi-p2p-123e4567-e89b-12d3-a456-426614174001.tmp"));
    // What the exe-unit makes of a task package ".gvmi-p2p-x.tmp": named by a stranger.
    Path image = aged(".gvmi-p2p-x_" + IMAGE.id() + ".tmp");
    Path foreign = aged("other_" + IMAGE.id() + ".tmp");
    assertThat(place()).isInstanceOf(Placed.class);
    assertThat(TestFiles.list(folder))
        .containsExactlyInAnyOrder(fresh, image, foreign, target())
        .doesNotContain(old);
  }

  /**
   * A process that was killed while it copied leaves gigabytes, which are in the way of the next.
   */
  @Test
  void deletesSoonWhatNobodyWritesToAnyMore() throws IOException {
    Path killed = minuteOld(".gvmi-p2p-123e4567-e89b-12d3-a456-426614174000.tmp");
    Path written = minuteOld(".gvmi-p2p-123e4567-e89b-12d3-a456-426614174001.tmp");
    try (FileChannel writer = FileChannel.open(written, StandardOpenOption.WRITE)) {
      assertThat(writer.lock().isValid()).isTrue();
      assertThat(place()).isInstanceOf(Placed.class);
    }
    assertThat(killed).doesNotExist();
    assertThat(written).exists();
  }

  private Path minuteOld(String name) throws IOException {
    Path file = Files.createFile(folder.resolve(name));
    return Files.setLastModifiedTime(
        file, FileTime.from(Instant.now().minus(Duration.ofMinutes(1))));
  }

  private Path aged(String name) throws IOException {
    Path file = Files.createFile(folder.resolve(name));
    return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
  }

  @Test
  void anInterruptEndsTheWorkAndStaysSet() throws Exception {
    byte[] there = IMAGE.bytes();
    Files.write(target(), there);
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    StoredImage slow = new PausedImage(image, reading, goOn);
    FutureTask<Boolean> placing =
        new FutureTask<>(() ->
            new RuntimeCache(folder).place(slow, NAME) instanceof Refused && Thread.interrupted());
    Thread placer = Thread.ofPlatform().start(placing);
    reading.await();
    placer.interrupt();
    // Waiting once more, with the flag taken: the interrupt has been seen.
    await().until(() -> !placer.isInterrupted() && placer.getState() == Thread.State.WAITING);
    goOn.countDown();
    assertThat(placing.get()).isTrue();
    assertThat(target()).hasBinaryContent(there);
  }

  /** Its first read waits. */
  private record PausedImage(StoredImage image, CountDownLatch reading, CountDownLatch goOn)
      implements StoredImage {
    @Override
    public ImageId id() {
      return image.id();
    }

    @Override
    public Manifest manifest() {
      return image.manifest();
    }

    @Override
    public Path file() {
      return image.file();
    }

    @Override
    public Instant completedAt() {
      return image.completedAt();
    }

    @Override
    public void read(long offsetBytes, ByteBuffer... targets) {
      reading.countDown();
      try {
        goOn.await();
      } catch (InterruptedException e) {
        throw new StoreException(StoreException.Kind.IO, "interrupted", e);
      }
      image.read(offsetBytes, targets);
    }
  }

  @Test
  void findsTheProvidersFolder() throws IOException {
    Path home = temp.resolve("home");
    Path usual = Files.createDirectories(home.resolve(".local/share/ya-provider/exe-unit/cache"));
    Path shared = Files.createDirectories(temp.resolve("xdg/ya-provider/exe-unit/cache"));
    Path moved = Files.createDirectories(temp.resolve("moved/exe-unit/cache"));
    String xdg = temp.resolve("xdg").toString();
    String dataDir = temp.resolve("moved").toString();
    assertThat(RuntimeCache.defaultDirectory(Map.of(), home)).contains(usual);
    assertThat(RuntimeCache.defaultDirectory(Map.of("XDG_DATA_HOME", xdg), home)).contains(shared);
    assertThat(RuntimeCache.defaultDirectory(Map.of("XDG_DATA_HOME", "xdg"), home)).contains(usual);
    assertThat(
            RuntimeCache.defaultDirectory(
                Map.of("XDG_DATA_HOME", xdg, "DATA_DIR", "\"" + dataDir + "\""), home))
        .contains(moved);
  }

  @Test
  void findsNoFolderWhereThereIsNone() {
    assertThat(RuntimeCache.defaultDirectory(Map.of(), temp.resolve("nobody"))).isEmpty();
    assertThat(RuntimeCache.defaultDirectory(Map.of("DATA_DIR", "a\0b"), temp)).isEmpty();
  }
}
