package dev.gvmi.libp2p.peer;

import dev.gvmi.libp2p.multiformats.Cid;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.multiformats.Multibase;
import dev.gvmi.libp2p.multiformats.Multihash;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/**
 * The name of a peer: the multihash of its public key. Immutable, equal by bytes, ordered by bytes.
 *
 * <p><b>Shape:</b> an identity multihash of the key protobuf if that is at most 42 bytes, else its
 * SHA2-256 multihash.
 *
 * <p><b>Source:</b> libp2p specification, peer-ids.
 */
public final class PeerId implements Comparable<PeerId> {
  private final Multihash multihash;
  private final byte[] bytes;

  private PeerId(Multihash multihash) {
    if (!multihash.namesPeer()) {
      throw new IllegalArgumentException(
          "no peer id: multihash of code "
              + multihash.code()
              + " with "
              + multihash.digest().length
              + " bytes");
    }
    this.multihash = multihash;
    this.bytes = multihash.toBytes();
  }

  /**
   * Base58 multihash ({@code 12D3..}, {@code Qm..}) or CID text; {@link IllegalArgumentException}.
   */
  public static PeerId parse(String text) {
    try {
      if (text.startsWith("1") || text.startsWith("Qm")) {
        return fromBytes(Multibase.decode("z" + text));
      }
      Cid cid = Cid.parse(text);
      if (cid.codec() != Cid.LIBP2P_KEY) {
        throw new IllegalArgumentException("the CID does not name a key");
      }
      return new PeerId(cid.multihash());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not a peer id: \"" + text + "\": " + e.getMessage(), e);
    }
  }

  public static PeerId fromBytes(byte[] multihash) {
    return new PeerId(Multihash.fromBytes(multihash));
  }

  public static PeerId of(Multihash multihash) {
    return new PeerId(multihash);
  }

  public static PeerId of(PublicKey key) {
    byte[] protobuf = key.toProtobuf();
    return new PeerId(
        protobuf.length <= Multihash.MAX_INLINE_KEY_BYTES
            ? Multihash.of(Multihash.IDENTITY, protobuf)
            : Multihash.of(Multihash.SHA2_256, sha256(protobuf)));
  }

  /** The peer an address ends in. */
  public static Optional<PeerId> of(Multiaddr address) {
    return address.p2p().map(PeerId::new);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  public Multihash multihash() {
    return multihash;
  }

  public byte[] toBytes() {
    return bytes.clone();
  }

  /** As a CID in base32. */
  public String toCidString() {
    return Cid.of(Cid.LIBP2P_KEY, multihash).toString();
  }

  /** For logs: the last eight characters, which differ from peer to peer. */
  public String toShortString() {
    String text = toString();
    return "*" + text.substring(Math.max(0, text.length() - 8));
  }

  @Override
  public int compareTo(PeerId other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PeerId peer && Arrays.equals(peer.bytes, bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return Multibase.BASE58_BTC.encode(bytes).substring(1);
  }
}
