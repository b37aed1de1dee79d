package dev.gvmi.protocol.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * The end of an image: how a container of it is to be run, as JSON text.
 *
 * <p><b>Shape:</b>
 *
 * <pre>
 * crc     4  CRC-32 of the JSON bytes, little-endian
 * json    J  UTF-8, an object with the keys of Docker's ContainerConfig
 * length  8  J in ASCII decimal, zero padded
 * </pre>
 *
 * <p>Read in two steps: the last {@link #LENGTH_BYTES} bytes say how long it is ({@link #bytesOf}),
 * then the whole is read ({@link #parse}). That the text is JSON is for the caller to find out.
 *
 * <p><b>Source:</b> gvmkit-build-rs 0.3.19, metadata.rs; ya-runtime-vm 0.5.2, deploy.rs.
 */
public record ImageTrailer(String json) {
  /** Bytes at the very end that say how long the JSON is. */
  public static final int LENGTH_BYTES = 8;

  /** The longest JSON that is read; real ones have a few hundred bytes. */
  public static final int MAX_JSON_BYTES = 1 << 20;

  private static final int CRC_BYTES = 4;

  /**
   * How many bytes the trailer has in all.
   *
   * @param last the last {@link #LENGTH_BYTES} bytes of the file
   * @param fileBytes how long the file is
   * @throws InvalidImageException if there is no trailer, or it does not fit into the file
   */
  public static int bytesOf(ByteBuffer last, long fileBytes) throws InvalidImageException {
    if (last.remaining() != LENGTH_BYTES) {
      throw noTrailer();
    }
    int length = 0;
    for (int i = last.position(); i < last.limit(); i++) {
      int digit = last.get(i) - '0';
      if (digit < 0 || digit > 9) {
        throw noTrailer();
      }
      length = length * 10 + digit;
    }
    if (length > MAX_JSON_BYTES) {
      throw new InvalidImageException(
          "its trailer says " + length + " bytes, more than " + MAX_JSON_BYTES);
    }
    int all = CRC_BYTES + length + LENGTH_BYTES;
    if (all > fileBytes) {
      throw noTrailer();
    }
    return all;
  }

  private static InvalidImageException noTrailer() {
    return new InvalidImageException(
        "it has no .gvmi trailer at its end: make it with gvmi-p2p build");
  }

  /**
   * Reads a whole trailer.
   *
   * @param trailer as many bytes as {@link #bytesOf} said, the last of the file
   * @throws InvalidImageException if it is damaged
   */
  public static ImageTrailer parse(ByteBuffer trailer) throws InvalidImageException {
    ByteBuffer in = trailer.slice().order(ByteOrder.LITTLE_ENDIAN);
    if (in.remaining() < CRC_BYTES + LENGTH_BYTES) {
      throw noTrailer();
    }
    int json = in.remaining() - CRC_BYTES - LENGTH_BYTES;
    if (bytesOf(in.slice(CRC_BYTES + json, LENGTH_BYTES), in.remaining()) != in.remaining()) {
      throw noTrailer();
    }
    ByteBuffer text = in.slice(CRC_BYTES, json);
    if (crc(text.duplicate()) != in.getInt(0)) {
      throw new InvalidImageException("its trailer is damaged: the CRC-32 does not match");
    }
    try {
      return new ImageTrailer(StandardCharsets.UTF_8.newDecoder().decode(text).toString());
    } catch (CharacterCodingException e) {
      throw new InvalidImageException("its trailer is not UTF-8");
    }
  }

  private static int crc(ByteBuffer bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /**
   * The bytes that are appended to a squashfs. {@link IllegalArgumentException} if the text is too
   * long.
   */
  public ByteBuffer encode() {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    if (text.length > MAX_JSON_BYTES) {
      throw new IllegalArgumentException("trailer of " + text.length + " bytes");
    }
    String length = String.format(Locale.ROOT, "%08d", text.length);
    return ByteBuffer.allocate(CRC_BYTES + text.length + LENGTH_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(crc(ByteBuffer.wrap(text)))
        .put(text)
        .put(length.getBytes(StandardCharsets.US_ASCII))
        .flip();
  }
}
