package dev.gvmi.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.protocol.manifest.Geometry;
import org.junit.jupiter.api.Test;

final class HoldBackTest {
  private static final long CHUNK = Geometry.CHUNK_BYTES;

  @Test
  void whatIsHereMayBeSentUpToTheLastChunk() {
    long size = 3 * CHUNK + 10;
    assertThat(HoldBack.limit(0, CHUNK, size, size)).isEqualTo(CHUNK);
    assertThat(HoldBack.limit(CHUNK, 2 * CHUNK, size, size)).isEqualTo(3 * CHUNK);
    assertThat(HoldBack.limit(CHUNK, 2 * CHUNK + 10, size, size)).isEqualTo(3 * CHUNK);
    assertThat(HoldBack.limit(3 * CHUNK, 10, size, size)).isEqualTo(3 * CHUNK);
  }

  @Test
  void theLastChunkIsAWholeOneWhereTheSizeIsAMultiple() {
    assertThat(HoldBack.limit(0, 2 * CHUNK, 2 * CHUNK, 2 * CHUNK)).isEqualTo(CHUNK);
  }

  @Test
  void anImageOfOneChunkIsKeptWhole() {
    assertThat(HoldBack.limit(0, 100, 100, 100)).isZero();
  }

  @Test
  void noPartEndsWellBeforeTheImageIsProven() {
    long size = 10 * CHUNK;
    assertThat(HoldBack.limit(0, size, 100, size)).isEqualTo(99);
    assertThat(HoldBack.limit(99, size - 99, 100, size)).isEqualTo(99);
  }

  @Test
  void whoIsBehindTheLastChunkIsGivenNothing() {
    long size = 2 * CHUNK;
    assertThat(HoldBack.limit(size - 5, 5, size, size)).isEqualTo(size - 5);
  }
}
