package dev.gvmi.protocol.manifest;

import java.util.Arrays;
import java.util.HexFormat;

/** SHA-256 of a manifest's bytes. Immutable, equal by bytes; its text is lower-case hex. */
public final class ManifestId {
  private static final int BYTES = 32;

  private final byte[] sha256;

  private ManifestId(byte[] sha256) {
    if (sha256.length != BYTES) {
      throw new IllegalArgumentException("a manifest id has 32 bytes, not " + sha256.length);
    }
    this.sha256 = sha256;
  }

  public static ManifestId fromBytes(byte[] sha256) {
    return new ManifestId(sha256.clone());
  }

  public static ManifestId parseHex(String hex) {
    return new ManifestId(HexFormat.of().parseHex(hex));
  }

  public byte[] toBytes() {
    return sha256.clone();
  }

  public String hex() {
    return HexFormat.of().formatHex(sha256);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ManifestId id && Arrays.equals(id.sha256, sha256);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sha256);
  }

  @Override
  public String toString() {
    return hex();
  }
}
