package dev.gvmi.node.registry;

import dev.gvmi.node.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/** What a client has to know to push: in a file of its own, mode 0600, made once. */
final class PushToken {
  private static final String NAME = "push-token";
  private static final int TOKEN_BYTES = 32;
  private static final int MAX_FILE_BYTES = 1024;
  private static final String FORM = "[!-~]{16,256}";

  private final byte[] token;

  private PushToken(String token) {
    this.token = token.getBytes(StandardCharsets.UTF_8);
  }

  /** The one in the data directory; a new one if there is none. */
  static PushToken inDataDir(Path dataDir) {
    Path file = dataDir.resolve(NAME);
    try {
      return Files.exists(file) ? read(file) : create(file);
    } catch (IOException e) {
      throw StoreException.of("read or make the push token " + file, e);
    }
  }

  /** The one that the user wrote. */
  static PushToken of(Path file) {
    try {
      return read(file);
    } catch (IOException e) {
      throw StoreException.of("read the push token " + file, e);
    }
  }

  private static PushToken read(Path file) throws IOException {
    String text =
        Files.size(file) > MAX_FILE_BYTES
            ? ""
            : Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    if (!text.matches(FORM)) {
      throw new StoreException(
          StoreException.Kind.UNUSABLE,
          "the push token "
              + file
              + " is not one line of 16 to 256 printable ASCII characters without spaces: write another, or delete it to get a new one");
    }
    return new PushToken(text);
  }

  private static PushToken create(Path file) throws IOException {
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    String token = HexFormat.of().formatHex(random);
    Path fresh = file.resolveSibling(NAME + ".new");
    Files.deleteIfExists(fresh);
    try (FileChannel out =
        FileChannel.open(
            fresh,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer bytes = ByteBuffer.wrap((token + "\n").getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    return new PushToken(token);
  }

  /** In a time that does not tell how much of it is right. */
  boolean is(String presented) {
    return MessageDigest.isEqual(token, presented.getBytes(StandardCharsets.UTF_8));
  }
}
