package dev.gvmi.node.runtime.hook;

import dev.gvmi.node.runtime.rewrite.AgreementRewriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder in which wrappers ask, {@code <data dir>/hook}; {@link
 * dev.gvmi.node.runtime.rewrite.WrapperScript} has the form. Open to its owner only: who can ask
 * makes this node read and copy a file.
 *
 * <p><b>Thread:</b> one.
 */
final class HookFolder {
  static final String NAME = "hook";

  private static final Logger LOG = LoggerFactory.getLogger(HookFolder.class);
  private static final String REQUEST = ".request";
  private static final Pattern OURS = Pattern.compile("[0-9]+-[0-9]*\\.(json|request)(\\.new)?");
  private static final Pattern ASKED = Pattern.compile("[0-9]+-[0-9]*\\.request");

  private final Path folder;
  private final Supplier<Optional<String>> gateway;
  private final InstantSource clock;
  private final HookLimits limits;

  HookFolder(
      Path dataDir, Supplier<Optional<String>> gateway, InstantSource clock, HookLimits limits) {
    this.folder = dataDir.resolve(NAME);
    this.gateway = gateway;
    this.clock = clock;
    this.limits = limits;
  }

  Path path() {
    return folder;
  }

  /** From now on wrappers ask. */
  void open() throws IOException {
    Files.createDirectories(folder);
    if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(
          folder,
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));
    }
    Files.write(ready(), new byte[0]);
  }

  /** From now on they do not. */
  void close() {
    try {
      Files.deleteIfExists(ready());
    } catch (IOException e) {
      LOG.debug("{} stays; wrappers will wait for nothing", ready(), e);
    }
  }

  private Path ready() {
    return folder.resolve("ready");
  }

  /** Answers those that ask now, up to the limit. @return whether there may be more */
  boolean answerAll() {
    int answered = 0;
    try (DirectoryStream<Path> requests = Files.newDirectoryStream(folder, "*" + REQUEST)) {
      for (Path request : requests) {
        if (answered == limits.requestsAtOnce()) {
          return true;
        }
        if (ASKED.matcher(String.valueOf(request.getFileName())).matches()) {
          answer(request);
          answered++;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.debug("cannot look into {}", folder, e);
    }
    return false;
  }

  /** The copy first, then the request goes: that it is gone says that the answer is whole. */
  private void answer(Path request) {
    try {
      Optional<byte[]> copy = copyFor(request);
      if (copy.isPresent()) {
        String name = String.valueOf(request.getFileName());
        Path answer =
            request.resolveSibling(name.substring(0, name.length() - REQUEST.length()) + ".json");
        Path fresh = answer.resolveSibling(answer.getFileName() + ".new");
        Files.write(fresh, copy.get());
        Files.move(fresh, answer, StandardCopyOption.ATOMIC_MOVE);
      }
      LOG.debug(
          "{}: {}",
          request,
          copy.isPresent() ? "the image comes through the gateway" : "left as it is");
    } catch (IOException | InvalidPathException e) {
      LOG.debug("{} is not answered", request, e); // The exe-unit starts with its own agreement.
    } finally {
      delete(request);
    }
  }

  private Optional<byte[]> copyFor(Path request) throws IOException {
    Optional<String> authority = gateway.get();
    if (authority.isEmpty() || isOlder(request, limits.requestAge())) {
      return Optional.empty();
    }
    Path agreement =
        Path.of(new String(read(request, limits.requestBytes()), StandardCharsets.UTF_8));
    if (!Files.isRegularFile(agreement)) {
      throw new IOException("no file " + agreement);
    }
    return AgreementRewriter.rewrite(
        read(agreement, AgreementRewriter.MAX_AGREEMENT_BYTES), authority.get());
  }

  private static byte[] read(Path file, int most) throws IOException {
    try (InputStream in = Files.newInputStream(file, StandardOpenOption.READ)) {
      byte[] bytes = in.readNBytes(most + 1);
      if (bytes.length > most) {
        throw new IOException(file + " has more than " + most + " bytes");
      }
      return bytes;
    }
  }

  /** Takes away what nobody reads any more. */
  void clean() {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        boolean ours = OURS.matcher(String.valueOf(file.getFileName())).matches();
        if (ours && isOlder(file, limits.answerAge())) {
          delete(file);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.debug("cannot clean {}", folder, e);
    }
  }

  private boolean isOlder(Path file, Duration age) throws IOException {
    return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS)
        .toInstant()
        .isBefore(clock.instant().minus(age));
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.debug("{} cannot be deleted", file, e);
    }
  }
}
