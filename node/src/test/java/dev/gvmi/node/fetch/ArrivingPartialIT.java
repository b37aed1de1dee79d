package dev.gvmi.node.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.TestImage;
import dev.gvmi.node.store.rocksdb.RocksImageStore;
import dev.gvmi.protocol.manifest.Geometry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArrivingPartialIT {
  private static final int CHUNK = Geometry.CHUNK_BYTES;
  private static final TestImage IMAGE = TestImage.random(3 * CHUNK + 10, 3);

  @TempDir Path folder;

  @Test
  void tellsWhatIsHereWithoutAGap() {
    try (ImageStore store = RocksImageStore.open(folder, InstantSource.system());
        PartialImage partial = store.openPartial(IMAGE.manifest())) {
      Arriving arriving = new ArrivingPartial(partial);
      assertThat(arriving.sizeBytes()).isEqualTo(3L * CHUNK + 10);
      assertThat(arriving.availableBytes(0)).isZero();
      partial.write(IMAGE.chunk(0));
      partial.write(IMAGE.chunk(3));
      assertThat(arriving.availableBytes(0)).isEqualTo(CHUNK);
      assertThat(arriving.availableBytes(CHUNK - 1)).isEqualTo(1);
      assertThat(arriving.availableBytes(CHUNK)).isZero();
      assertThat(arriving.availableBytes(3L * CHUNK + 4)).isEqualTo(6);
      assertThat(arriving.availableBytes(3L * CHUNK + 10)).isZero();
      assertThat(arriving.availableBytes(-1)).isZero();
      ByteBuffer read = ByteBuffer.allocate(6);
      arriving.read(3L * CHUNK + 4, read);
      assertThat(read.array())
          .isEqualTo(Arrays.copyOfRange(IMAGE.bytes(), 3 * CHUNK + 4, 3 * CHUNK + 10));
    }
  }
}
