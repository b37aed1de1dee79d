package dev.gvmi.libp2p.kad.routing;

import dev.gvmi.libp2p.multiformats.Multihash;
import dev.gvmi.libp2p.peer.PeerId;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * What a lookup is for, as it stands on the wire: the bytes of a peer id or of a multihash.
 * Immutable, equal by bytes.
 *
 * <p><b>Shape:</b> 1 to 80 bytes; their SHA-256 is the point of the key space.
 */
public final class KadKey {
  public static final int MAX_BYTES = 80;
  private static final int RANDOM_DIGEST_BYTES = 32;

  private final byte[] bytes;
  private final KadId id;

  private KadKey(byte[] bytes) {
    if (bytes.length < 1 || bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a key has 1 to " + MAX_BYTES + " bytes, not " + bytes.length);
    }
    this.bytes = bytes;
    this.id = KadId.of(bytes);
  }

  /** {@link IllegalArgumentException} if there are too many bytes, or none. */
  public static KadKey fromBytes(byte[] bytes) {
    return new KadKey(bytes.clone());
  }

  public static KadKey of(Multihash hash) {
    return new KadKey(hash.toBytes());
  }

  public static KadKey of(PeerId peer) {
    return new KadKey(peer.toBytes());
  }

  /**
   * A key whose point shares exactly {@code prefix} bits with {@code near}: found by trying,
   * 2^(prefix + 1) times on average.
   */
  public static KadKey random(KadId near, int prefix, RandomGenerator random) {
    byte[] digest = new byte[RANDOM_DIGEST_BYTES];
    while (true) {
      random.nextBytes(digest);
      KadKey key = of(Multihash.of(Multihash.SHA2_256, digest));
      if (key.id.commonPrefix(near) == prefix) {
        return key;
      }
    }
  }

  public byte[] toBytes() {
    return bytes.clone();
  }

  public KadId id() {
    return id;
  }

  public boolean names(PeerId peer) {
    return Arrays.equals(bytes, peer.toBytes());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KadKey key && Arrays.equals(key.bytes, bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
