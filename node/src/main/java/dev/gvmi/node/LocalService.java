package dev.gvmi.node;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.fetch.FetchOutcome;
import dev.gvmi.node.log.NodeLog;
import dev.gvmi.node.publish.ImageFile;
import dev.gvmi.node.publish.Publisher;
import dev.gvmi.node.publish.UrlCheck;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.ImageRef;
import dev.gvmi.protocol.image.InvalidImageException;
import dev.gvmi.protocol.image.InvalidImageRefException;
import dev.gvmi.protocol.manifest.Geometry;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the node can be asked to do, done here. <b>Thread:</b> any. */
final class LocalService implements NodeService {
  private final ImageStore store;
  private final Flights flights;
  private final Publisher publisher;
  private final Placer placer;
  private final Supplier<NodeStatus> status;
  private final Runnable close;

  LocalService(
      ImageStore store,
      Flights flights,
      Publisher publisher,
      Placer placer,
      Supplier<NodeStatus> status,
      Runnable close) {
    this.store = store;
    this.flights = flights;
    this.publisher = publisher;
    this.placer = placer;
    this.status = status;
    this.close = close;
  }

  @Override
  public PublishResult publish(PublishRequest request, Consumer<ProgressEvent> progress) {
    long start = System.nanoTime();
    ProgressMeter meter = new ProgressMeter(progress, System::nanoTime);
    String tried = "cannot publish " + request.file();
    try {
      long size = Files.size(request.file());
      Publisher.Published done =
          publisher.publish(request.file(), bytes -> meter.advance("importing", bytes, size));
      StoredImage image = done.image();
      NodeLog.published(image.id().hex(), size);
      String url = request.url();
      if (url != null) {
        UrlCheck.problem(url, size).ifPresent(problem -> meter.note("warning: " + problem));
      }
      return new PublishResult(
          image.id().hex(),
          image.manifest().id().hex(),
          image.manifest().geometry().sizeBytes(),
          image.manifest().geometry().chunkCount(),
          url == null ? null : "hash:sha3:" + image.id().hex() + ":" + url,
          image.file(),
          done.alreadyHeld(),
          millisSince(start));
    } catch (InvalidImageException e) {
      throw new ServiceException(ServiceException.Kind.USAGE, tried + ": " + e.getMessage(), e);
    } catch (ClosedByInterruptException e) {
      throw interrupted(tried, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(tried, e);
    } catch (IOException e) {
      throw ServiceFaults.of(StoreException.of(tried, e));
    } catch (StoreException e) {
      throw ServiceFaults.of(e);
    }
  }

  @Override
  public PrefetchResult prefetch(PrefetchRequest request, Consumer<ProgressEvent> progress) {
    long start = System.nanoTime();
    ImageRef ref = ref(request.image());
    ImageId image = idOf(ref);
    List<Multiaddr> peers = request.peers().stream().map(LocalService::peer).toList();
    ProgressMeter meter = new ProgressMeter(progress, System::nanoTime);
    try {
      FetchOutcome outcome = flights.fetch(image, peers, request.timeout(), meter);
      return switch (outcome) {
        case FetchOutcome.Complete complete -> complete(complete, ref, request, meter, start);
        case FetchOutcome.NotFound no ->
            failed(Outcome.NOT_FOUND, image, "image " + image + " not found: " + no.reason(), start);
        case FetchOutcome.Incomplete part ->
            failed(Outcome.INCOMPLETE, image, incomplete(image, part), start);
        case FetchOutcome.VerificationFailed wrong ->
            failed(Outcome.VERIFICATION_FAILED, image, wrong.reason(), start);
      };
    } catch (TimeoutException e) {
      String message =
          "image "
              + image
              + " did not come within "
              + millisSince(start) / 1000.0
              + " s; what came is kept, the same command goes on from there";
      return failed(Outcome.TIMED_OUT, image, message, start);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted("prefetch of " + image, e);
    } catch (StoreException e) {
      if (e.kind() == StoreException.Kind.NO_SPACE) {
        return failed(Outcome.NO_SPACE, image, String.valueOf(e.getMessage()), start);
      }
      throw ServiceFaults.of(e);
    }
  }

  private PrefetchResult complete(
      FetchOutcome.Complete done,
      ImageRef ref,
      PrefetchRequest request,
      ProgressMeter meter,
      long start) {
    StoredImage image = done.image();
    long size = image.manifest().geometry().sizeBytes();
    if (!done.sourceBytes().isEmpty()) {
      NodeLog.fetched(image.id().hex(), size, done.sourceBytes().size(), millisSince(start));
    }
    meter.tell("placing", size, size, 0);
    Placer.Placement placement = placer.place(image, ref, request);
    String problem = placement.problem();
    return new PrefetchResult(
        problem == null ? Outcome.COMPLETE : Outcome.NOT_PLACED,
        image.id().hex(),
        image.manifest().id().hex(),
        size,
        image.file().toString(),
        placement.placed() == null ? null : placement.placed().toString(),
        sources(done.sourceBytes(), size),
        done.wastedBytes(),
        millisSince(start),
        problem == null ? "" : "image " + image.id() + " is verified and held, but " + problem);
  }

  private static Map<String, Long> sources(Map<String, Long> peers, long size) {
    long local = size - peers.values().stream().mapToLong(Long::longValue).sum();
    Map<String, Long> all = new HashMap<>(peers);
    if (local > 0) {
      all.put("local", local);
    }
    return all;
  }

  private PrefetchResult failed(Outcome outcome, ImageId image, String message, long start) {
    NodeLog.notFetched(image.hex(), message);
    Optional<PartialImage> partial = store.partial(image);
    return new PrefetchResult(
        outcome,
        image.hex(),
        partial.map(part -> part.manifest().id().hex()).orElse(null),
        partial.map(part -> part.manifest().geometry().sizeBytes()).orElse(0L),
        null,
        null,
        Map.of(),
        0,
        millisSince(start),
        message);
  }

  private static String incomplete(ImageId image, FetchOutcome.Incomplete part) {
    return "image "
        + image
        + " is not complete, "
        + String.format(Locale.ROOT, "%.1f", part.missingBytes() / 1e6)
        + " MB are missing: "
        + part.reason()
        + "; what came is kept, the same command goes on from there";
  }

  @Override
  public List<ImageSummary> list() {
    return ServiceFaults.mapping(
        () -> {
          List<ImageSummary> all = new ArrayList<>();
          store.images().forEach(image -> all.add(summary(image)));
          store.partials().forEach(image -> all.add(summary(image)));
          return List.copyOf(all);
        });
  }

  private static ImageSummary summary(StoredImage image) {
    long size = image.manifest().geometry().sizeBytes();
    return new ImageSummary(
        image.id().hex(),
        image.manifest().id().hex(),
        size,
        size,
        true,
        image.completedAt(),
        image.file().toString());
  }

  private static ImageSummary summary(PartialImage image) {
    Geometry geometry = image.manifest().geometry();
    long held = image.chunks().stream().mapToLong(geometry::chunkLength).sum();
    return new ImageSummary(
        image.manifest().image().hex(),
        image.manifest().id().hex(),
        geometry.sizeBytes(),
        held,
        false,
        null,
        "");
  }

  @Override
  public ImageDetails inspect(String image) {
    ImageId id = idOf(ref(image));
    return ServiceFaults.mapping(
        () ->
            store
                .image(id)
                .map(LocalService::details)
                .or(() -> store.partial(id).map(LocalService::details))
                .orElseThrow(
                    () ->
                        new ServiceException(
                            ServiceException.Kind.NOT_FOUND,
                            "image " + id + " is not held here: fetch it with prefetch")));
  }

  private static ImageDetails details(StoredImage image) {
    return details(
        image.manifest().image(),
        image.manifest().id().hex(),
        image.manifest().geometry(),
        true,
        image.file().toString(),
        notes(image));
  }

  private static ImageDetails details(PartialImage image) {
    Geometry geometry = image.manifest().geometry();
    String held = image.chunkCount() + " of " + geometry.chunkCount() + " chunks are here";
    return details(
        image.manifest().image(), image.manifest().id().hex(), geometry, false, "", List.of(held));
  }

  private static ImageDetails details(
      ImageId image,
      String manifest,
      Geometry geometry,
      boolean complete,
      String path,
      List<String> notes) {
    return new ImageDetails(
        image.hex(),
        manifest,
        geometry.sizeBytes(),
        geometry.chunkCount(),
        geometry.segmentCount(),
        geometry.segmentBytes(),
        complete,
        path,
        notes);
  }

  private static List<String> notes(StoredImage image) {
    try (ImageFile file = ImageFile.open(image.file())) {
      var header = file.header();
      var keys = String.join(", ", file.trailer().propertyNames());
      return List.of(
          "squashfs, "
              + header.compression().name().toLowerCase(Locale.ROOT)
              + ", "
              + header.inodes()
              + " inodes",
          "trailer with " + keys);
    } catch (IOException | InvalidImageException e) {
      return List.of("the runtime could not run it: " + e.getMessage());
    }
  }

  @Override
  public NodeStatus status() {
    return ServiceFaults.mapping(status);
  }

  @Override
  public void stop() {
    // in process there is no daemon to stop: the node ends with the call that made it
  }

  @Override
  public void close() {
    close.run();
  }

  private static ImageRef ref(String text) {
    try {
      return ImageRef.parse(text);
    } catch (InvalidImageRefException e) {
      throw new ServiceException(
          ServiceException.Kind.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  private static ImageId idOf(ImageRef ref) {
    return switch (ref) {
      case ImageRef.Hash hash -> hash.image();
      case ImageRef.TaskPackage task -> task.image();
      case ImageRef.Tag tag ->
          throw new ServiceException(
              ServiceException.Kind.USAGE,
              tag.user()
                  + "/"
                  + tag.repository()
                  + ":"
                  + tag.tag()
                  + " is a tag, which this version does not resolve: give the image's hash");
    };
  }

  private static Multiaddr peer(String text) {
    try {
      return Multiaddr.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ServiceException(
          ServiceException.Kind.USAGE, "peer " + text + ": " + e.getMessage(), e);
    }
  }

  private static ServiceException interrupted(String tried, @Nullable Exception cause) {
    String message = tried + " was interrupted; what came is kept";
    return cause == null
        ? new ServiceException(ServiceException.Kind.INTERRUPTED, message)
        : new ServiceException(ServiceException.Kind.INTERRUPTED, message, cause);
  }

  private static long millisSince(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }
}
