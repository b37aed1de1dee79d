package dev.gvmi.node.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.TestFiles;
import dev.gvmi.node.store.file.FileStamp;
import dev.gvmi.node.store.file.ImageRow;
import dev.gvmi.node.store.file.ProgressRow;
import dev.gvmi.node.store.file.StoreIndex;
import dev.gvmi.node.store.rocksdb.RowCodec.Prefix;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.ManifestId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

final class RocksIndexIT {
  private static final ImageId A = ImageId.parseHex("aa".repeat(28));
  private static final ImageId B = ImageId.parseHex("bb".repeat(32));
  private static final ManifestId MANIFEST = ManifestId.fromBytes(new byte[32]);

  @TempDir private Path folder;

  private static ImageRow image(ImageId id) {
    return new ImageRow(id, MANIFEST, new FileStamp(1, 2, 3, 4, 1), Instant.ofEpochSecond(5));
  }

  private static ProgressRow progress(ImageId id) {
    return new ProgressRow(id, MANIFEST, TestFiles.bits(1, 2), TestFiles.bits(0));
  }

  private void putRaw(byte[] key, byte[] value) throws RocksDBException {
    try (RocksDB db = RocksDB.open(folder.toString())) {
      db.put(key, value);
    }
  }

  @Test
  void rowsAreThereAfterAReopen() {
    try (StoreIndex index = RocksIndex.open(folder)) {
      index.putImage(image(A));
      index.putProgress(progress(B));
    }
    try (StoreIndex index = RocksIndex.open(folder)) {
      assertThat(index.images()).containsExactly(image(A));
      assertThat(index.allProgress()).containsExactly(progress(B));
      assertThat(index.progress(B)).contains(progress(B));
      assertThat(index.progress(A)).isEmpty();
    }
  }

  @Test
  void theRowOfAnImageReplacesItsProgress() {
    try (StoreIndex index = RocksIndex.open(folder)) {
      index.putProgress(progress(A));
      index.putProgress(progress(B));
      index.putImage(image(A));
      assertThat(index.allProgress()).containsExactly(progress(B));
    }
  }

  @Test
  void removesRowsAndDoesNotMindThoseThatAreNotThere() {
    try (StoreIndex index = RocksIndex.open(folder)) {
      index.putImage(image(A));
      index.putProgress(progress(A));
      index.removeImage(A);
      index.removeProgress(A);
      index.removeImage(B);
      index.removeProgress(B);
      assertThat(index.images()).isEmpty();
      assertThat(index.allProgress()).isEmpty();
    }
  }

  @Test
  void aDamagedRowCountsAsAbsent() throws RocksDBException {
    try (StoreIndex index = RocksIndex.open(folder)) {
      index.putImage(image(A));
      index.putProgress(progress(A));
    }
    putRaw(RowCodec.key(Prefix.IMAGE, B), new byte[7]);
    putRaw(RowCodec.key(Prefix.PROGRESS, B), new byte[7]);
    putRaw(new byte[] {'I', 0x17}, new byte[88]);
    try (StoreIndex index = RocksIndex.open(folder)) {
      assertThat(index.images()).containsExactly(image(A));
      assertThat(index.allProgress()).containsExactly(progress(A));
      assertThat(index.progress(B)).isEmpty();
    }
  }

  @Test
  void anIndexOfAnotherFormatIsUnusable() throws RocksDBException {
    RocksIndex.open(folder).close();
    byte[] key = Prefix.META.key("format".getBytes(StandardCharsets.US_ASCII));
    for (byte[] version : new byte[][] {{0, 0, 0, 2}, {1}, {}}) {
      putRaw(key, version);
      assertThatThrownBy(() -> RocksIndex.open(folder))
          .asInstanceOf(type(StoreException.class))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.UNUSABLE));
    }
    putRaw(key, new byte[] {0, 0, 0, 1});
    RocksIndex.open(folder).close();
  }
}
