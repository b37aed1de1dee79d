package dev.gvmi.node.registry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.bound.BoundedMap;
import dev.gvmi.node.cache.Space;
import dev.gvmi.node.publish.Publisher;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.manifest.Geometry;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Images that are pushed: first a descriptor, then chunks in any order, each proven by the
 * descriptor and counted once it is on the disk; when all are here the image is verified and taken
 * into the store. A push goes on where it was after a restart.
 *
 * <p><b>Thread:</b> any; calls block for the disk and for the client.
 */
final class Uploads {
  private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);

  private final RegistryState state;
  private final ImageStore store;
  private final Space space;
  private final RegistryLimits limits;
  private final InstantSource clock;
  private final Imports imports;

  /** Why uploads were not taken, the latest. */
  @GuardedBy("refusals")
  private final Map<DescriptorId, String> refusals;

  Uploads(
      RegistryState state,
      ImageStore store,
      Publisher publisher,
      Space space,
      RegistryLimits limits,
      InstantSource clock) {
    this.state = state;
    this.store = store;
    this.space = space;
    this.limits = limits;
    this.clock = clock;
    this.imports = new Imports(publisher, this::ended);
    this.refusals = BoundedMap.forgettingOldest(limits.refusals());
  }

  /** The image that came by a descriptor, if it is held. */
  Optional<StoredImage> image(DescriptorId id) {
    return state.names().pushed(id).flatMap(pushed -> store.image(pushed.image()));
  }

  boolean isKnown(DescriptorId id) {
    return state.uploads().containsKey(id) || image(id).isPresent();
  }

  /** What a client asks before it pushes, and afterwards: JSON. */
  Reply status(DescriptorId id) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    Upload upload = state.uploads().get(id);
    if (image(id).isPresent()) {
      int chunks = state.names().pushed(id).map(Names.Pushed::chunks).orElse(0);
      BitSet all = new BitSet();
      all.set(0, chunks);
      return known(json, "full", all, chunks);
    }
    if (upload != null) {
      String status = upload.isFull() ? "verifying" : "partial";
      return known(json, status, upload.present(), upload.descriptor().chunkCount());
    }
    String refusal = refusal(id);
    if (refusal != null) {
      json.put("descriptor", "refused").put("status", "refused: " + refusal);
      return Reply.json(404, json + "\n");
    }
    return Reply.json(404, json.put("descriptor", "not found") + "\n");
  }

  private static Reply known(ObjectNode json, String status, BitSet present, int count) {
    json.put("descriptor", "ok").put("version", 1).put("status", status);
    ArrayNode chunks = json.putArray("chunks");
    for (int i = 0; i < count; i++) {
      chunks.add(present.get(i) ? 1 : 0);
    }
    return Reply.json(200, json + "\n");
  }

  private @Nullable String refusal(DescriptorId id) {
    synchronized (refusals) {
      return refusals.get(id);
    }
  }

  /**
   * A client wants to push this image.
   *
   * @param trusted whether others may be evicted for it
   */
  synchronized void begin(byte[] bytes, boolean trusted) throws IOException {
    Descriptor descriptor;
    try {
      descriptor = Descriptor.parse(bytes, limits);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(400, "the descriptor is not taken: " + e.getMessage());
    }
    if (descriptor.sizeBytes() == 0) {
      throw new RefusedException(400, "the descriptor is not taken: an image has bytes");
    }
    if (isHeld(descriptor) || state.uploads().containsKey(descriptor.id())) {
      return;
    }
    if (state.uploads().size() >= limits.uploads()) {
      throw new RefusedException(
          503, limits.uploads() + " uploads are not finished yet: finish them, or wait");
    }
    Space.Reservation room = room(descriptor, trusted);
    try {
      create(bytes, descriptor).settle(room);
    } catch (IOException | RuntimeException e) {
      room.close();
      throw e;
    }
  }

  private boolean isHeld(Descriptor descriptor) throws RefusedException {
    Optional<StoredImage> held = store.image(descriptor.image());
    if (held.isPresent() && held.get().sizeBytes() != descriptor.sizeBytes()) {
      throw new RefusedException(
          400,
          "image "
              + descriptor.image()
              + " has "
              + held.get().sizeBytes()
              + " bytes, not "
              + descriptor.sizeBytes());
    }
    held.ifPresent(image -> remember(descriptor));
    return held.isPresent();
  }

  private void remember(Descriptor descriptor) {
    state
        .names()
        .pushed(descriptor.id(), new Names.Pushed(descriptor.image(), descriptor.chunkCount()));
  }

  private Space.Reservation room(Descriptor descriptor, boolean trusted) throws RefusedException {
    long manifest =
        new Geometry(descriptor.image().algorithm(), descriptor.sizeBytes()).manifestBytes();
    return switch (space.forImage(descriptor.image(), descriptor.sizeBytes() + manifest, trusted)) {
      case Space.Answer.Granted granted -> granted.reservation();
      case Space.Answer.Refused refused ->
          throw new RefusedException(
              507,
              "there is no room for the image: it has "
                  + descriptor.sizeBytes()
                  + " bytes, but "
                  + refused.why());
    };
  }

  private Upload create(byte[] bytes, Descriptor descriptor) throws IOException {
    try {
      Upload upload =
          Upload.create(state.folder(descriptor.id()), bytes, descriptor, clock.instant());
      state.uploads().put(descriptor.id(), upload);
      synchronized (refusals) {
        refusals.remove(descriptor.id());
      }
      return upload;
    } catch (IOException e) {
      Upload.delete(state.folder(descriptor.id()));
      throw StoreException.of("begin an upload", e);
    }
  }

  /**
   * A client pushes a chunk; returns when it counts, and if it was the last, when the image is
   * held.
   */
  void chunk(PushBody body, boolean trusted) throws IOException, InterruptedException {
    ChunkPush push = new ChunkPush(trusted);
    try (push) {
      Form.withFile(body, limits, push);
      push.finish();
    }
    Upload upload = push.upload;
    if (upload != null && upload.isFull()) {
      imports.await(upload);
    }
  }

  /** One chunk on its way. */
  @SuppressWarnings("MustBeClosedChecker") // close() closes it
  private final class ChunkPush implements Form.FileSink, AutoCloseable {
    private final boolean trusted;
    private @Nullable Upload upload;
    private @Nullable ChunkWriter writer;

    ChunkPush(boolean trusted) {
      this.trusted = trusted;
    }

    @Override
    public OutputStream open(Map<String, String> texts) throws IOException {
      ChunkFields fields = ChunkFields.of(texts, limits);
      Upload found = state.uploads().get(fields.descriptor());
      if (found == null) {
        if (image(fields.descriptor()).isPresent()) {
          return OutputStream.nullOutputStream();
        }
        throw new RefusedException(404, "push the descriptor " + fields.descriptor() + " first");
      }
      fields.requireAsIn(found.descriptor());
      requireRoom(found, trusted);
      upload = found;
      writer = found.write(fields.number(), clock.instant()).orElse(null);
      return writer == null ? OutputStream.nullOutputStream() : writer;
    }

    void finish() throws RefusedException {
      if (writer != null) {
        writer.finish(clock.instant());
      }
    }

    @Override
    public void close() {
      if (writer != null) {
        writer.close();
      }
    }
  }

  private synchronized void requireRoom(Upload upload, boolean trusted) throws IOException {
    if (upload.isRevoked()) {
      drop(upload);
      throw new RefusedException(507, "the room for this upload was needed for another image");
    }
    if (!upload.hasRoom()) {
      upload.settle(room(upload.descriptor(), trusted));
    }
  }

  private void drop(Upload upload) {
    state.uploads().remove(upload.descriptor().id(), upload);
    try {
      upload.end();
    } catch (IOException e) {
      LOG.warn("the files of an upload could not be deleted: {}", e.toString());
    }
  }

  /** An import has ended, well or because the image is none. */
  private void ended(Upload upload, @Nullable String refusal) {
    if (refusal == null) {
      remember(upload.descriptor());
    } else {
      synchronized (refusals) {
        refusals.put(upload.descriptor().id(), refusal);
      }
    }
    drop(upload);
  }

  /** Goes on with what was complete when the process ended. */
  void start() {
    List.copyOf(state.uploads().values()).stream().filter(Upload::isFull).forEach(imports::begin);
  }

  /** Takes away what nobody goes on with, and what has lost its room. */
  synchronized void sweep(Duration age) {
    Instant then = clock.instant().minus(age);
    for (Upload upload : List.copyOf(state.uploads().values())) {
      if (!imports.isRunning(upload) && (upload.isIdleSince(then) || upload.isRevoked())) {
        LOG.debug("upload {} is given up", upload.descriptor().id());
        drop(upload);
      }
    }
  }

  /** Ends imports; what has come is kept. */
  void close() {
    imports.close();
  }
}
