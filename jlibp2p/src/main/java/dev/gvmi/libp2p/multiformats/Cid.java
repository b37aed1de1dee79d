package dev.gvmi.libp2p.multiformats;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * A content identifier: what bytes mean (codec) and their multihash. Immutable.
 *
 * <p><b>Shape:</b> version 1: {@code 01}, varint codec, multihash. Version 0: a bare SHA2-256
 * multihash.
 *
 * <p><b>Source:</b> multiformats, cid.
 */
public record Cid(int version, int codec, Multihash multihash) {
  public static final int RAW = 0x55;
  public static final int DAG_PB = 0x70;
  public static final int LIBP2P_KEY = 0x72;
  private static final int V0_BYTES = 34;

  public Cid {
    boolean valid =
        version == 1
            || (version == 0
                && codec == DAG_PB
                && multihash.code() == Multihash.SHA2_256
                && multihash.digest().length == 32);
    if (!valid || codec < 0) {
      throw new IllegalArgumentException("no such CID: version " + version + ", codec " + codec);
    }
  }

  /** Version 1 of this content. */
  public static Cid of(int codec, Multihash multihash) {
    return new Cid(1, codec, multihash);
  }

  /** Text of either version; {@link IllegalArgumentException} if malformed. */
  public static Cid parse(String text) {
    if (text.length() == 46 && text.startsWith("Qm")) {
      return fromBytes(Base.BASE58.decode(text));
    }
    byte[] bytes = Multibase.decode(text);
    if (bytes.length == V0_BYTES && bytes[0] == Multihash.SHA2_256) {
      throw new IllegalArgumentException("a CID of version 0 has no multibase prefix");
    }
    return fromBytes(bytes);
  }

  /** Exactly these bytes; {@link IllegalArgumentException} if malformed. */
  public static Cid fromBytes(byte[] bytes) {
    if (bytes.length == V0_BYTES && bytes[0] == Multihash.SHA2_256 && bytes[1] == 32) {
      return new Cid(0, DAG_PB, Multihash.fromBytes(bytes));
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      long version = Varint.get(in);
      long codec = Varint.get(in);
      if (version != 1 || codec > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("CID of version " + version + ", codec " + codec);
      }
      Multihash multihash = Multihash.get(in);
      if (in.hasRemaining()) {
        throw new IllegalArgumentException(in.remaining() + " bytes after the CID");
      }
      return new Cid(1, (int) codec, multihash);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("CID is cut", e);
    }
  }

  public byte[] toBytes() {
    byte[] hash = multihash.toBytes();
    if (version == 0) {
      return hash;
    }
    ByteBuffer out = ByteBuffer.allocate(1 + Varint.size(codec) + hash.length).put((byte) 1);
    Varint.put(codec, out);
    return out.put(hash).array();
  }

  public String toString(Multibase base) {
    return base.encode(toBytes());
  }

  /** The usual text: base58 for version 0, base32 for version 1. */
  @Override
  public String toString() {
    return version == 0 ? Base.BASE58.encode(toBytes()) : toString(Multibase.BASE32);
  }
}
