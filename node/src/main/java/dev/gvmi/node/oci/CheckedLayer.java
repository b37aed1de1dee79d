package dev.gvmi.node.oci;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * A layer's bytes, unpacked as they are read, with their digests checked at the end and their
 * bounds all the time.
 *
 * <p><b>Thread:</b> one.
 */
final class CheckedLayer implements AutoCloseable {
  private final String name;
  private final SourceLimits limits;
  private final Metered packed;
  private final Metered unpacked;
  private final @Nullable Digest packedDigest;
  private final @Nullable Digest unpackedDigest;
  private final long packedBytes;

  CheckedLayer(
      String name,
      Blob blob,
      @Nullable Digest packed,
      @Nullable Digest unpacked,
      SourceLimits limits)
      throws IOException {
    this.name = name;
    this.limits = limits;
    this.packedDigest = packed;
    this.unpackedDigest = unpacked;
    this.packedBytes = blob.sizeBytes();
    this.packed = new Metered(blob.open(), packed, Long.MAX_VALUE);
    try {
      this.unpacked = new Metered(Inflated.of(this.packed), unpacked, bound());
    } catch (IOException e) {
      this.packed.close();
      throw e;
    }
  }

  /** How far it may unpack. */
  private long bound() {
    long byRatio =
        packedBytes > Long.MAX_VALUE / limits.maxRatio()
            ? Long.MAX_VALUE
            : packedBytes * limits.maxRatio();
    return Math.min(limits.maxUnpackedBytes(), Math.max(limits.freeUnpackedBytes(), byRatio));
  }

  InputStream stream() {
    return unpacked;
  }

  /** Reads what is left, and compares. */
  void finish() throws IOException {
    unpacked.drain();
    packed.drain();
    if (packed.bytes != packedBytes) {
      throw new InvalidSourceException(
          name + " is truncated: it has " + packed.bytes + " bytes, not " + packedBytes);
    }
    check(packedDigest, packed.digest);
    check(unpackedDigest, unpacked.digest);
  }

  private void check(@Nullable Digest wanted, @Nullable MessageDigest found) throws IOException {
    if (wanted != null && found != null && !wanted.matches(found)) {
      throw InvalidSourceException.mismatch(
          name + " is damaged: its bytes are not those of " + wanted + "; make or fetch it again");
    }
  }

  /** Bytes unpacked so far. */
  long unpackedBytes() {
    return unpacked.bytes;
  }

  @Override
  public void close() throws IOException {
    unpacked.close();
    packed.close();
  }

  /** Counts and digests what passes. */
  private final class Metered extends InputStream {
    private final InputStream in;
    private final @Nullable MessageDigest digest;
    private final long max;
    private long bytes;

    Metered(InputStream in, @Nullable Digest digest, long max) {
      this.in = in;
      this.digest = digest == null ? null : digest.start();
      this.max = max;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = in.read(buffer, offset, length);
      if (count > 0) {
        bytes += count;
        if (bytes > max) {
          throw new InvalidSourceException(
              name
                  + " unpacks to more than "
                  + max
                  + " bytes from "
                  + packedBytes
                  + ": it looks like a bomb");
        }
        if (digest != null) {
          digest.update(buffer, offset, count);
        }
      }
      return count;
    }

    void drain() throws IOException {
      byte[] buffer = new byte[Blob.BUFFER_BYTES];
      while (read(buffer, 0, buffer.length) >= 0) {
        // the meter does the work
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
