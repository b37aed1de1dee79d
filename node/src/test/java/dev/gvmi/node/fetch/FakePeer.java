package dev.gvmi.node.fetch;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.Stream;
import dev.gvmi.libp2p.framing.LengthPrefixed;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.transfer.Protocols;
import dev.gvmi.node.transfer.SwarmServer;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.ManifestAnswer;
import dev.gvmi.protocol.wire.ManifestAsk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A peer on a real host. It serves chunks as every node does, from what it claims to hold; what it
 * answers to questions for the manifest is up to the test. It counts what it is asked for.
 */
final class FakePeer {
  private static final int MAX_MESSAGE = 65_536;

  private final Host host;
  private final Manifest manifest;
  private final SwarmServer server;
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger shown = new AtomicInteger();
  private final AtomicInteger askedDelta = new AtomicInteger();
  private volatile Script script = this::tell;
  private volatile Script delta = (stream, ask) -> refuse(stream);
  private volatile boolean complete = true;

  /** What is done about a question for the manifest. */
  @FunctionalInterface
  interface Script {
    void answer(Stream stream, ManifestAsk ask) throws IOException;
  }

  FakePeer(Host host, Manifest manifest, MemoryImageStore.Source source) {
    this.host = host;
    this.manifest = manifest;
    this.server = SwarmServer.register(host, new MemoryImageStore(manifest, source));
    host.handle(Protocols.MANIFEST, this::serve);
  }

  private void serve(Stream stream) throws IOException {
    ManifestAsk ask = ManifestAsk.decode(LengthPrefixed.read(stream, MAX_MESSAGE));
    if (ask.kind() == ManifestAsk.Kind.DELTA) {
      askedDelta.incrementAndGet();
      delta.answer(stream, ask);
      stream.closeWrite();
      return;
    }
    (isForBytes(ask) ? shown : asked).incrementAndGet();
    script.answer(stream, ask);
    stream.closeWrite();
  }

  /** Whether it is asked to show the manifest, not only to name it. */
  static boolean isForBytes(ManifestAsk ask) {
    return ask.offset() < Manifest.MAX_BYTES;
  }

  private void tell(Stream stream, ManifestAsk ask) throws IOException {
    answer(stream, manifest.id(), manifest.bytes().remaining(), complete);
    if (isForBytes(ask)) {
      stream.write(manifest.bytes());
    }
  }

  /** Says what it holds in the words of the test. */
  static void answer(Stream stream, ManifestId id, long length, boolean complete)
      throws IOException {
    LengthPrefixed.write(
        stream,
        new ManifestAnswer(ManifestAnswer.Status.OK, Optional.of(id), length, complete).encode());
  }

  static void refuse(Stream stream) throws IOException {
    LengthPrefixed.write(
        stream,
        new ManifestAnswer(ManifestAnswer.Status.NOT_FOUND, Optional.empty(), 0, false).encode());
  }

  /** Names its manifest as it should, and does this when it is to show it. */
  FakePeer showing(Script other) {
    script =
        (stream, ask) -> {
          if (isForBytes(ask)) {
            other.answer(stream, ask);
          } else {
            tell(stream, ask);
          }
        };
    return this;
  }

  /** Names this manifest, as long as that; and does this when it is to show it. */
  FakePeer naming(ManifestId id, long length, Script other) {
    script =
        (stream, ask) -> {
          if (isForBytes(ask)) {
            other.answer(stream, ask);
          } else {
            answer(stream, id, length, true);
          }
        };
    return this;
  }

  /** Shows these bytes as those of the manifest it named. */
  Script bytes(ByteBuffer bytes) {
    return (stream, ask) -> {
      answer(stream, ask.manifest().orElseThrow(), bytes.remaining(), true);
      stream.write(bytes.duplicate());
    };
  }

  /** Does this when it is asked for the delta index; without, it has none. */
  FakePeer delta(Script other) {
    delta = other;
    return this;
  }

  /** Shows these bytes as the delta index. */
  FakePeer delta(ByteBuffer bytes) {
    return delta((stream, ask) -> {
      answer(stream, manifest.id(), bytes.remaining(), true);
      stream.write(bytes.duplicate());
    });
  }

  /** How often it was asked for the delta index. */
  int askedDelta() {
    return askedDelta.get();
  }

  /** Says that it does not have all of the image. */
  FakePeer partial() {
    complete = false;
    return this;
  }

  Host host() {
    return host;
  }

  Manifest manifest() {
    return manifest;
  }

  Multiaddr address() {
    return host.listenAddresses().getFirst().withP2p(host.id().multihash());
  }

  String id() {
    return host.id().toString();
  }

  /** How often it was asked what it holds. */
  int asked() {
    return asked.get();
  }

  /** How often it was asked for its manifest. */
  int shown() {
    return shown.get();
  }

  /** Bytes of chunks that it sent. */
  long sentBytes() {
    return server.sentBytes();
  }
}
