package dev.gvmi.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gvmi.node.runtime.PlaceResult.Method;
import dev.gvmi.node.runtime.PlaceResult.Placed;
import dev.gvmi.node.runtime.PlacedFiles.PlacedFile;
import dev.gvmi.node.store.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlacedFilesIT {
  private static final TestImage IMAGE = TestImage.random(1000, 1);

  @TempDir private Path temp;
  private Path cache;
  private Path stored;
  private PlacedFiles files;

  @BeforeEach
  void open() throws IOException {
    cache = Files.createDirectories(temp.resolve("exe-unit/cache"));
    stored = Files.write(temp.resolve("stored.gvmi"), IMAGE.bytes());
    files = new PlacedFiles(temp.resolve("data"));
  }

  private Path name(String stem) {
    return cache.resolve(stem + "_" + IMAGE.id() + ".gvmi");
  }

  private Path copied(String stem, Method method) throws IOException {
    Path copy = Files.write(name(stem), IMAGE.bytes());
    files.placed(IMAGE.id(), new Placed(copy, method));
    return copy;
  }

  @Test
  void hardLinksOfTheImageAreOurs() throws IOException {
    Path link = Files.createLink(name("a"), stored);
    Files.createLink(cache.resolve("something else"), stored);
    Files.write(name("of somebody else"), IMAGE.bytes());

    assertThat(files.of(IMAGE.id(), stored, cache))
        .containsExactly(new PlacedFile(link, 1000, true));
    assertThat(files.of(IMAGE.id(), stored, null)).isEmpty();
  }

  @Test
  void copiesThatWereNotedAreOursAfterAStartToo() throws IOException {
    Path copy = copied("copy", Method.COPY);
    Path reflink = copied("reflink", Method.REFLINK);

    assertThat(new PlacedFiles(temp.resolve("data")).of(IMAGE.id(), stored, null))
        .containsExactly(new PlacedFile(copy, 1000, false), new PlacedFile(reflink, 1000, true));
  }

  @Test
  void aFileThatTookTheNameLaterIsNotOurs() throws IOException {
    Path copy = copied("copy", Method.COPY);
    Path other = Files.write(cache.resolve("other"), IMAGE.bytes());
    Files.delete(copy);
    Files.move(other, copy);

    assertThat(files.of(IMAGE.id(), stored, cache)).isEmpty();
  }

  @Test
  void notesOfFilesThatAreGoneAreForgotten() throws IOException {
    Path copy = copied("copy", Method.COPY);
    files.forgetMissing(IMAGE.id());
    assertThat(files.of(IMAGE.id(), stored, cache)).hasSize(1);
    Files.delete(copy);
    files.forgetMissing(IMAGE.id());
    assertThat(temp.resolve("data/placed")).isEmptyDirectory();
  }

  @Test
  void aNoteThatCannotBeUnderstoodCountsAsNone() throws IOException {
    copied("copy", Method.COPY);
    Files.writeString(temp.resolve("data/placed/" + IMAGE.id() + ".json"), "{");
    assertThat(files.of(IMAGE.id(), stored, cache)).isEmpty();
  }

  @Test
  void aFileThatNobodyUsesIsRemoved() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "there is no /proc here");
    Path link = Files.createLink(name("a"), stored);
    deploy("{\"task_package\":\"/elsewhere/b_" + IMAGE.id() + ".gvmi\",\"mem_mib\":100}");

    assertThat(files.remove(new PlacedFile(link, 1000, true))).isEmpty();
    assertThat(link).doesNotExist();
    assertThat(stored).exists();
  }

  private void deploy(String json) throws IOException {
    Path activity = Files.createDirectories(temp.resolve("exe-unit/work/agreement/activity"));
    Files.writeString(temp.resolve("exe-unit/work/agreement/agreement.json"), "{}");
    Files.writeString(activity.resolve("deployment.json"), json);
  }

  private void assertLeft(Path file, String reason) {
    assertThat(files.remove(new PlacedFile(file, 1000, true)).orElseThrow()).contains(reason);
    assertThat(file).exists();
  }

  @Test
  void aFileThatATaskIsDeployedFromStays() throws IOException {
    Path link = Files.createLink(name("a"), stored);
    deploy("{\"vm\":[{\"task_package\":\"" + link.toRealPath() + "\"}]}");
    assertLeft(link, "activity is deployed from it");
  }

  @Test
  void aDeploymentThatCannotBeUnderstoodCountsAsUse() throws IOException {
    Path link = Files.createLink(name("a"), stored);
    deploy("{\"task_package\":");
    assertLeft(link, "cannot be known");
  }

  @Test
  void aFileThatAProcessHasOpenStays() throws Exception {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "there is no /proc here");
    Path link = Files.createLink(name("a"), stored);
    Process holder = new ProcessBuilder("sleep", "60").redirectInput(link.toFile()).start();
    try {
      assertLeft(link, "process " + holder.pid() + " has it open");
    } finally {
      holder.destroyForcibly().waitFor();
    }
    assertThat(files.remove(new PlacedFile(link, 1000, true))).isEmpty();
  }

  @Test
  void aLeaseIsGrantedOnFilesThatNobodyHasOpen() throws IOException {
    assumeTrue(WriteLease.isGranted(stored), "no leases on this system");
    try (var open = Files.newInputStream(stored)) {
      assertThat(open.read()).isNotNegative();
      assertThat(WriteLease.isGranted(stored)).isFalse();
    }
    assertThat(WriteLease.isGranted(stored)).isTrue();
    assertThat(WriteLease.isGranted(cache.resolve("missing"))).isFalse();
  }

  @Test
  void whereNothingSaysWhoHasItOpenItStays() throws IOException {
    files = new PlacedFiles(temp.resolve("data"), new RuntimeUse(temp.resolve("no proc")));
    assertLeft(Files.createLink(name("a"), stored), "does not show");
  }
}
