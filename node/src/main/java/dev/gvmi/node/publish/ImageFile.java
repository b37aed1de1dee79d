package dev.gvmi.node.publish;

import com.google.errorprone.annotations.MustBeClosed;
import dev.gvmi.protocol.image.DigestAlgorithm;
import dev.gvmi.protocol.image.ImageTrailer;
import dev.gvmi.protocol.image.InvalidImageException;
import dev.gvmi.protocol.image.SquashfsHeader;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.ManifestBuilder;
import dev.gvmi.protocol.sha3.SegmentHasher;
import dev.gvmi.protocol.verify.ImageVerifier;
import dev.gvmi.protocol.verify.VerifiedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A {@code .gvmi} file of somebody else's, open for reading.
 *
 * <p><b>Thread:</b> one; an interrupt closes the file.
 */
public final class ImageFile implements AutoCloseable {
  private static final int READ_BYTES = 1 << 20;

  private final Path file;
  private final BasicFileAttributes before;
  private final FileChannel channel;
  private final long sizeBytes;

  /** Is given each piece of the file, in order. */
  @FunctionalInterface
  public interface Sink {
    void accept(ByteBuffer bytes) throws IOException;
  }

  private ImageFile(Path file, BasicFileAttributes before, FileChannel channel, long sizeBytes) {
    this.file = file;
    this.before = before;
    this.channel = channel;
    this.sizeBytes = sizeBytes;
  }

  /** Opens a file; {@link InvalidImageException} if it is a folder, a pipe or the like. */
  @MustBeClosed
  public static ImageFile open(Path file) throws IOException, InvalidImageException {
    BasicFileAttributes before = attributes(file);
    if (!before.isRegularFile()) {
      throw new InvalidImageException("it is no file");
    }
    FileChannel channel = FileChannel.open(file);
    try {
      return new ImageFile(file, before, channel, channel.size());
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** How long it was when it was opened. */
  public long sizeBytes() {
    return sizeBytes;
  }

  /** The superblock at its start. */
  public SquashfsHeader header() throws IOException, InvalidImageException {
    return SquashfsHeader.parse(
        read(0, (int) Math.min(SquashfsHeader.BYTES, sizeBytes)), sizeBytes);
  }

  /** The text of the trailer at its end, which is a JSON object. */
  public JsonNode trailer() throws IOException, InvalidImageException {
    int length = (int) Math.min(ImageTrailer.LENGTH_BYTES, sizeBytes);
    int all = ImageTrailer.bytesOf(read(sizeBytes - length, length), sizeBytes);
    ImageTrailer trailer = ImageTrailer.parse(read(sizeBytes - all, all));
    try {
      JsonNode json = JsonMapper.shared().readTree(trailer.json());
      if (!json.isObject()) {
        throw new InvalidImageException("its trailer is no JSON object");
      }
      return json;
    } catch (JacksonException e) {
      throw new InvalidImageException("its trailer is no JSON: " + e.getOriginalMessage());
    }
  }

  private ByteBuffer read(long offsetBytes, int length) throws IOException, InvalidImageException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, offsetBytes + bytes.position()) < 0) {
        throw shorter();
      }
    }
    return bytes.flip();
  }

  private static InvalidImageException shorter() {
    return new InvalidImageException(
        "it became shorter while it was read; try again when nothing writes to it");
  }

  /** What was read of a file that somebody wrote to is half of one and half of another. */
  private void requireUnchanged() throws IOException, InvalidImageException {
    BasicFileAttributes now = attributes(file);
    if (now.size() != sizeBytes
        || !now.lastModifiedTime().equals(before.lastModifiedTime())
        || !Objects.equals(now.fileKey(), before.fileKey())) {
      throw new InvalidImageException(
          "it changed while it was read; try again when nothing writes to it");
    }
  }

  private static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class);
  }

  /**
   * Reads all of it once, hashes it, and hands each piece on; {@link InvalidImageException} if it
   * changed meanwhile.
   */
  public VerifiedImage hash(DigestAlgorithm algorithm, SegmentHasher hasher, Sink sink)
      throws IOException, InvalidImageException {
    if (sizeBytes < 1 || sizeBytes > Geometry.MAX_SIZE_BYTES) {
      throw new InvalidImageException(
          "it has " + sizeBytes + " bytes: an image has 1 to " + Geometry.MAX_SIZE_BYTES);
    }
    ManifestBuilder builder = new ManifestBuilder(algorithm, sizeBytes, hasher);
    ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
    for (long at = 0; at < sizeBytes; at += buffer.limit()) {
      buffer.clear().limit((int) Math.min(READ_BYTES, sizeBytes - at));
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, at + buffer.position()) < 0) {
          throw shorter();
        }
      }
      builder.update(buffer.flip());
      sink.accept(buffer.rewind());
    }
    requireUnchanged();
    return ImageVerifier.imported(builder);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
