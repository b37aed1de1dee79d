package dev.gvmi.node.registry;

import dev.gvmi.node.cache.Space;
import dev.gvmi.node.log.NodeLog;
import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.node.origin.Registry;
import dev.gvmi.node.origin.RegistryAnswer;
import dev.gvmi.node.publish.Publisher;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.ImageId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What Golem's registry does for its clients, done by this node.
 *
 * <p><b>Thread:</b> any; calls block for the disk, the client and the upstream registry.
 *
 * <p><b>Errors:</b> a {@link Reply} that says why; {@link IOException} if the client went away.
 *
 * <p><b>Source:</b> gvmkit-build-rs 0.3, yapapi, golem-js 3, golem-sdk-cli.
 */
public final class RegistryFace implements AutoCloseable {
  private static final Duration SWEEP = Duration.ofMinutes(10);
  private static final int MAX_LOGIN_BYTES = 4096;

  private final RegistryConfig config;
  private final RegistryLimits limits;
  private final Names names;
  private final Uploads uploads;
  private final Resolution resolution;
  private final @Nullable PushRights rights;
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * What it is made from.
   *
   * @param upstream where unknown images are asked; null for nowhere
   */
  public record Parts(
      Path dataDir,
      RegistryState state,
      ImageStore store,
      Publisher publisher,
      Space space,
      @Nullable Registry upstream,
      InstantSource clock) {}

  private RegistryFace(Parts parts, RegistryConfig config, RegistryLimits limits) {
    this.config = config;
    this.limits = limits;
    this.names = parts.state().names();
    this.uploads =
        new Uploads(
            parts.state(), parts.store(), parts.publisher(), parts.space(), limits, parts.clock());
    Registry registry = parts.upstream();
    Upstream upstream =
        registry == null
            ? null
            : new Upstream(
                registry.url().toString(), query -> ask(registry, query), limits, parts.clock());
    this.resolution = new Resolution(names, parts.store(), upstream, config.publicUrl());
    this.rights =
        config.push() ? new PushRights(token(parts, config), limits, parts.clock()) : null;
  }

  private static PushToken token(Parts parts, RegistryConfig config) {
    Path file = config.tokenFile();
    return file == null ? PushToken.inDataDir(parts.dataDir()) : PushToken.of(file);
  }

  private static RegistryAnswer ask(Registry registry, ImageQuery query) throws IOException {
    return switch (query) {
      case ImageQuery.ByHash hash -> registry.resolve(hash.image());
      case ImageQuery.ByTag tag -> registry.resolve(tag.tag());
    };
  }

  /**
   * Goes on with what was under way when the process ended. {@link StoreException} if the token
   * cannot be read.
   */
  public static RegistryFace start(Parts parts, RegistryConfig config) {
    return start(parts, config, RegistryLimits.DEFAULT);
  }

  static RegistryFace start(Parts parts, RegistryConfig config, RegistryLimits limits) {
    RegistryFace face = new RegistryFace(parts, config, limits);
    face.uploads.start();
    Thread.ofVirtual().name("upload-sweep").start(face::sweep);
    return face;
  }

  private void sweep() {
    try {
      do {
        uploads.sweep(config.uploadAge());
      } while (!closed.await(SWEEP.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The host of the address at which this node is reached from elsewhere. */
  public Optional<String> publicHost() {
    return Optional.ofNullable(config.publicUrl()).map(OriginUrl::host);
  }

  /** Where providers can have an image. */
  public Reply info(String query) throws IOException, InterruptedException {
    return answer(() -> Reply.json(200, resolution.info(parsed(query))));
  }

  private static ImageQuery parsed(String query) throws RefusedException {
    try {
      return ImageQuery.parse(query);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(400, String.valueOf(e.getMessage()));
    }
  }

  /** What a download is of. */
  public sealed interface Download {
    record Of(ImageId image) implements Download {}

    /**
     * Nothing.
     *
     * @param passes whether it may be better in a while
     */
    record None(Reply reply, boolean passes) implements Download {}
  }

  /** By the query of a URL. */
  public Download download(String query) throws InterruptedException {
    try {
      return new Download.Of(resolution.image(parsed(query)));
    } catch (RefusedException e) {
      return new Download.None(reply(e), e.status() >= 500);
    }
  }

  /** By the descriptor with which the image was pushed. */
  public Download download(DescriptorId id) {
    Optional<StoredImage> image = uploads.image(id);
    return image.isPresent()
        ? new Download.Of(image.get().id())
        : new Download.None(Reply.text(404, "no image of this descriptor is held here"), false);
  }

  /** What has come of an upload. */
  public Reply status(DescriptorId id) {
    return uploads.status(id);
  }

  /**
   * A client shows its token: JSON with {@code username} and {@code password}, which is the token.
   */
  public Reply login(Caller caller, PushBody body) throws IOException, InterruptedException {
    return answer(() -> {
      PushRights rules = rights();
      byte[] bytes = body.atMost(MAX_LOGIN_BYTES).bytes().readAllBytes();
      if (!rules.prove(caller, password(bytes))) {
        throw wrongToken();
      }
      return Reply.text(200, "logged in");
    });
  }

  private static String password(byte[] json) throws RefusedException {
    try {
      JsonNode password = JsonMapper.shared().readTree(json).path("password");
      if (password.isString()) {
        return password.asString("");
      }
    } catch (JacksonException e) {
      throw new RefusedException(400, "the request is no JSON");
    }
    throw new RefusedException(400, "the request has no password");
  }

  private static RefusedException wrongToken() {
    return new RefusedException(
        401, "the token is wrong: it is in push-token, in the data directory of this node");
  }

  private PushRights rights() throws RefusedException {
    if (rights == null) {
      throw new RefusedException(403, "pushing is turned off at this node (gateway.push)");
    }
    return rights;
  }

  /** A client pushes a descriptor: a form with a file. */
  public Reply descriptor(Caller caller, PushBody body) throws IOException, InterruptedException {
    return answer(() -> {
      PushRights rules = rights();
      rules.requireMayPush(caller);
      int most = Descriptor.maxBytes(limits);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      Form.withFile(
          body.atMost((long) most + limits.formBytes()),
          limits,
          texts -> new Form.Bounded(bytes, most, "file"));
      uploads.begin(bytes.toByteArray(), rules.isProven(caller));
      return Reply.text(200, "ok");
    });
  }

  /** A client pushes a chunk: a form with a file. */
  public Reply chunk(Caller caller, PushBody body) throws IOException, InterruptedException {
    return answer(() -> {
      PushRights rules = rights();
      rules.requireMayPush(caller);
      uploads.chunk(body.atMost(limits.chunkBytes() + limits.formBytes()), rules.isProven(caller));
      return Reply.text(200, "ok");
    });
  }

  /** A client gives an image a tag, or asks whether it may: a form. */
  public Reply attach(Caller caller, DescriptorId id, PushBody body)
      throws IOException, InterruptedException {
    return answer(() -> {
      PushRights rules = rights();
      Map<String, String> form = Form.texts(body.atMost(limits.formBytes()), limits);
      if (!rules.prove(caller, form.getOrDefault("token", ""))) {
        throw wrongToken();
      }
      return attach(id, tag(form), "true".equals(form.get("check")));
    });
  }

  private static String tag(Map<String, String> form) throws RefusedException {
    String text =
        form.getOrDefault("username", "")
            + "/"
            + form.getOrDefault("repository", "")
            + ":"
            + form.getOrDefault("tag", "latest");
    boolean hasForm =
        text.matches("[0-9a-zA-Z_.-]{1,128}/[0-9a-zA-Z_.-]{1,128}:[0-9a-zA-Z_.-]{1,128}");
    if (!hasForm) {
      throw new RefusedException(
          400, "a tag has a username, a repository and a tag of letters, digits and _ . - each");
    }
    return text;
  }

  private Reply attach(DescriptorId id, String tag, boolean isTrial) throws RefusedException {
    if (!uploads.isKnown(id)) {
      throw new RefusedException(404, "push the descriptor " + id + " first");
    }
    if (!names.mayTag(tag)) {
      throw new RefusedException(507, "this node has " + limits.tags() + " tags already");
    }
    if (isTrial) {
      return Reply.text(200, tag + " can be given to this image");
    }
    ImageId image =
        uploads
            .image(id)
            .map(StoredImage::id)
            .orElseThrow(() -> new RefusedException(409, "the image is not complete yet"));
    names.tag(tag, image);
    NodeLog.tagged(tag, image.hex());
    return Reply.text(200, tag + " is image " + image);
  }

  /** What is answered, or refused. */
  @FunctionalInterface
  private interface Question {
    Reply ask() throws IOException, InterruptedException;
  }

  private static Reply answer(Question question) throws IOException, InterruptedException {
    try {
      return question.ask();
    } catch (RefusedException e) {
      return reply(e);
    } catch (StoreException e) {
      int status = e.kind() == StoreException.Kind.NO_SPACE ? 507 : 500;
      return Reply.text(status, String.valueOf(e.getMessage()));
    }
  }

  private static Reply reply(RefusedException e) {
    return Reply.text(e.status(), String.valueOf(e.getMessage()));
  }

  /** Ends what runs; what has come is kept. */
  @Override
  public void close() {
    closed.countDown();
    uploads.close();
  }
}
