package dev.gvmi.node.oci;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** A stream as it was before it was compressed; by what, its first bytes say. */
final class Inflated {
  private static final int MAGIC_BYTES = 4;

  /** 128 MiB, more than any zstd level below --ultra --long asks for. */
  private static final int MAX_ZSTD_WINDOW_LOG = 27;

  private Inflated() {}

  enum Packing {
    PLAIN,
    GZIP,
    ZSTD;

    static Packing of(byte[] head) {
      if (head.length >= 2 && head[0] == 0x1f && head[1] == (byte) 0x8b) {
        return GZIP;
      }
      boolean zstd =
          head.length >= MAGIC_BYTES
              && head[0] == 0x28
              && head[1] == (byte) 0xb5
              && head[2] == 0x2f
              && head[3] == (byte) 0xfd;
      return zstd ? ZSTD : PLAIN;
    }
  }

  /** What is next in the stream, which is not moved. */
  static Packing packing(BufferedInputStream in) throws IOException {
    in.mark(MAGIC_BYTES);
    byte[] head = in.readNBytes(MAGIC_BYTES);
    in.reset();
    return Packing.of(head);
  }

  static InputStream of(InputStream packed) throws IOException {
    BufferedInputStream in = new BufferedInputStream(packed, Blob.BUFFER_BYTES);
    return switch (packing(in)) {
      case PLAIN -> in;
      case GZIP ->
          GzipCompressorInputStream.builder()
              .setInputStream(in)
              .setDecompressConcatenated(true)
              .get();
      case ZSTD ->
          new BufferedInputStream(
              new ZstdInputStreamNoFinalizer(in)
                  .setLongMax(MAX_ZSTD_WINDOW_LOG)
                  .setContinuous(false),
              Blob.BUFFER_BYTES);
    };
  }
}
