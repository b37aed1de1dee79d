package dev.gvmi.node;

import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;

/**
 * The host key of a data directory, in {@code identity.key}: made once, mode 0600, never replaced.
 */
final class Identity {
  private static final int MAX_BYTES = 1024;

  private Identity() {}

  /** The key of this directory, which this process holds; a new one if there is none. */
  static HostKey of(Path dataDir) {
    Path file = dataDir.resolve("identity.key");
    try {
      return Files.exists(file) ? read(file) : create(file);
    } catch (IOException e) {
      throw StoreException.of("read or make the identity " + file, e);
    }
  }

  private static HostKey read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw damaged(file);
    }
    try {
      return HostKey.fromProtobuf(Files.readAllBytes(file));
    } catch (IllegalArgumentException e) {
      throw damaged(file);
    }
  }

  private static ServiceException damaged(Path file) {
    return new ServiceException(
        ServiceException.Kind.USAGE,
        "the identity "
            + file
            + " is damaged: restore it from a backup, or delete it to get a new peer id");
  }

  private static HostKey create(Path file) throws IOException {
    HostKey key = HostKey.generate(new SecureRandom());
    Path fresh = file.resolveSibling("identity.key.new");
    Files.deleteIfExists(fresh);
    try (FileChannel out =
        FileChannel.open(
            fresh,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer bytes = ByteBuffer.wrap(key.toProtobuf());
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    return key;
  }
}
