package dev.gvmi.libp2p.multiformats;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A digest with the code of its function. Immutable, equal by bytes.
 *
 * <p><b>Shape:</b> varint code, varint length, digest.
 *
 * <p><b>Source:</b> multiformats, multihash.
 */
public final class Multihash {
  public static final int IDENTITY = 0x00;
  public static final int SHA2_256 = 0x12;

  /** No digest is longer. */
  public static final int MAX_DIGEST_BYTES = 128;

  /** A longer key is named by its hash. Source: libp2p specification, peer-ids. */
  public static final int MAX_INLINE_KEY_BYTES = 42;

  private final int code;
  private final byte[] digest;

  private Multihash(int code, byte[] digest) {
    this.code = code;
    this.digest = digest;
  }

  public static Multihash of(int code, byte[] digest) {
    if (code < 0 || digest.length > MAX_DIGEST_BYTES) {
      throw new IllegalArgumentException(
          "multihash of code " + code + " with " + digest.length + " bytes");
    }
    return new Multihash(code, digest.clone());
  }

  /** From exactly these bytes; {@link IllegalArgumentException} if malformed or bytes are left. */
  public static Multihash fromBytes(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    Multihash hash = get(in);
    if (in.hasRemaining()) {
      throw new IllegalArgumentException(in.remaining() + " bytes after the multihash");
    }
    return hash;
  }

  /** Reads one from the position of {@code in}; {@link IllegalArgumentException} if malformed. */
  static Multihash get(ByteBuffer in) {
    try {
      long code = Varint.get(in);
      long length = Varint.get(in);
      if (code > Integer.MAX_VALUE || length > MAX_DIGEST_BYTES || length > in.remaining()) {
        throw new IllegalArgumentException(
            "multihash of code " + code + " claims " + length + " bytes of " + in.remaining());
      }
      byte[] digest = new byte[(int) length];
      in.get(digest);
      return new Multihash((int) code, digest);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("multihash is cut", e);
    }
  }

  /**
   * Whether this can be a peer's id: a key of at most 42 bytes as it is, or the SHA2-256 of one.
   */
  public boolean namesPeer() {
    return code == IDENTITY
        ? digest.length >= 1 && digest.length <= MAX_INLINE_KEY_BYTES
        : code == SHA2_256 && digest.length == 32;
  }

  public int code() {
    return code;
  }

  public byte[] digest() {
    return digest.clone();
  }

  public byte[] toBytes() {
    ByteBuffer out =
        ByteBuffer.allocate(Varint.size(code) + Varint.size(digest.length) + digest.length);
    Varint.put(code, out);
    Varint.put(digest.length, out);
    return out.put(digest).array();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Multihash hash
        && hash.code == code
        && Arrays.equals(hash.digest, digest);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(digest) + code;
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(toBytes());
  }
}
