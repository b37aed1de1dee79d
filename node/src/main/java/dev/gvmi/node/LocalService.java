package dev.gvmi.node;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.control.NodeService;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.delta.SharedBytes;
import dev.gvmi.node.fetch.FetchOutcome;
import dev.gvmi.node.log.NodeLog;
import dev.gvmi.node.publish.Publisher;
import dev.gvmi.node.publish.UrlCheck;
import dev.gvmi.node.store.ImageAudit;
import dev.gvmi.node.store.ImageLease;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.PartialImage;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.ImageRef;
import dev.gvmi.protocol.image.InvalidImageException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the node can be asked to do, done here. <b>Thread:</b> any. */
final class LocalService implements NodeService {
  private final ImageStore store;
  private final Catalogue catalogue;
  private final Flights flights;
  private final Publisher publisher;
  private final Placer placer;
  private final Upkeep upkeep;
  private final Supplier<NodeStatus> status;
  private final Runnable close;

  /** What is done beside publishing and fetching. */
  record Upkeep(
      Verification verification,
      Removal removal,
      PeerList peers,
      HolderList holders,
      Pins pins,
      LimitList limits,
      Resolver resolver) {}

  LocalService(
      ImageStore store,
      Flights flights,
      Publisher publisher,
      Placer placer,
      Upkeep upkeep,
      Supplier<NodeStatus> status,
      Runnable close) {
    this.store = store;
    this.catalogue = new Catalogue(store);
    this.flights = flights;
    this.publisher = publisher;
    this.placer = placer;
    this.upkeep = upkeep;
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
    ImageRef ref = Requests.image(request.image());
    Resolver.Found found = upkeep.resolver().find(ref, request);
    List<Multiaddr> peers = request.peers().stream().map(Requests::peer).toList();
    ProgressMeter meter = new ProgressMeter(progress, System::nanoTime);
    return prefetch(
        ref,
        found,
        request,
        meter,
        start,
        () -> flights.fetch(found.image(), peers, request.timeout(), found.origin(), meter));
  }

  /** A fetch, in whatever hurry. */
  @FunctionalInterface
  private interface Fetch {
    FetchOutcome run() throws InterruptedException, TimeoutException;
  }

  private PrefetchResult prefetch(
      ImageRef ref,
      Resolver.Found found,
      PrefetchRequest request,
      ProgressMeter meter,
      long start,
      Fetch fetch) {
    ImageId image = found.image();
    ImageLease lease = store.lease(image);
    try (lease) {
      settle(image, request, meter);
      return switch (fetch.run()) {
        case FetchOutcome.Complete complete -> complete(complete, ref, request, meter, start);
        case FetchOutcome.NotFound no ->
            failed(
                Outcome.NOT_FOUND, image, "image " + image + " not found: " + no.reason(), start);
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
    } catch (CancellationException e) {
      return failed(
          Outcome.INCOMPLETE,
          image,
          "the fetch of " + image + " was ended: " + e.getMessage(),
          start);
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

  /**
   * Brings an image before anybody asks for it, behind what is asked for. What goes wrong is told
   * to the operator.
   *
   * @param last what it named when it last came, which need not come again
   * @return the image that is named now, if it is here
   */
  Optional<ImageId> bring(String text, @Nullable ImageId last) throws InterruptedException {
    long start = System.nanoTime();
    PrefetchRequest request = new PrefetchRequest(text, List.of(), null, null, null);
    try {
      ImageRef ref = Requests.image(text);
      Resolver.Found found = upkeep.resolver().find(ref, request);
      if (last != null && found.image().equals(last)) {
        return Optional.of(last);
      }
      ProgressMeter meter = new ProgressMeter(event -> {}, System::nanoTime);
      PrefetchResult result =
          prefetch(
              ref,
              found,
              request,
              meter,
              start,
              () -> flights.fetchAhead(found.image(), found.origin(), meter));
      return result.outcome() == Outcome.COMPLETE || result.outcome() == Outcome.NOT_PLACED
          ? Optional.of(found.image())
          : Optional.empty();
    } catch (ServiceException e) {
      if (e.kind() == ServiceException.Kind.INTERRUPTED) {
        throw new InterruptedException(e.getMessage());
      }
      NodeLog.notFetched(text, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /**
   * An image that changed since it was verified is read first: what is good of it need not be
   * fetched.
   */
  private void settle(ImageId image, PrefetchRequest request, ProgressMeter meter)
      throws InterruptedException {
    Optional<ImageAudit> changed =
        store.image(image).isPresent() ? Optional.empty() : store.audit(image);
    if (changed.isPresent() && store.partial(image).isEmpty()) {
      Path cache = placer.cache(request.runtimeCache());
      Verification.Settled settled = upkeep.verification().settle(changed.get(), cache, meter);
      settled
          .removed()
          .forEach(file -> meter.note(file + " was damaged and is gone from the runtime's cache"));
      settled.left().forEach(left -> meter.note("damaged in the runtime's cache: " + left));
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
      upkeep.peers().fetched(image.id(), done.sourceBytes().keySet());
      NodeLog.fetched(image.id().hex(), size, done.sourceBytes().size(), millisSince(start));
    }
    meter.tell("placing", size, size, 0);
    Placer.Placement placement = placer.place(image, ref, request);
    store.used(image.id());
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
    Optional<PartialImage> partial = partial(image);
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

  /** Only to tell more of a failure: what cannot be read now, on a full disk say, is left out. */
  private Optional<PartialImage> partial(ImageId image) {
    try {
      return store.partial(image);
    } catch (StoreException e) {
      return Optional.empty();
    }
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
    return ServiceFaults.mapping(catalogue::list);
  }

  @Override
  public ImageDetails inspect(String image) {
    ImageId id = Requests.id(Requests.image(image));
    return ServiceFaults.mapping(() -> catalogue.inspect(id));
  }

  @Override
  public SharedResult shared(SharedRequest request) {
    ImageId id = Requests.id(Requests.image(request.image()));
    return ServiceFaults.mapping(
        () -> new SharedResult(new SharedBytes(store).of(id, request.file())));
  }

  @Override
  public NodeStatus status() {
    return ServiceFaults.mapping(status);
  }

  @Override
  public List<String> auditable() {
    return ServiceFaults.mapping(() -> store.auditable().stream().map(ImageId::hex).toList());
  }

  @Override
  public VerifyResult verify(VerifyRequest request, Consumer<ProgressEvent> progress) {
    ProgressMeter meter = new ProgressMeter(progress, System::nanoTime);
    VerifyResult result =
        interruptibly(
            "verify of " + request.image(), () -> upkeep.verification().verify(request, meter));
    if (!result.sources().isEmpty()) {
      upkeep
          .peers()
          .fetched(Requests.id(Requests.image(result.image())), result.sources().keySet());
    }
    return result;
  }

  @Override
  public RemoveResult remove(RemoveRequest request) {
    return interruptibly("remove of " + request.image(), () -> upkeep.removal().remove(request));
  }

  @Override
  public FindResult find(FindRequest request) {
    return interruptibly("find", () -> upkeep.holders().find(request));
  }

  @Override
  public PinResult pin(PinRequest request) {
    return ServiceFaults.mapping(() -> upkeep.pins().pin(request));
  }

  @Override
  public List<PeerSummary> peers() {
    return interruptibly("peers", () -> upkeep.peers().list());
  }

  @Override
  public List<BanSummary> bans() {
    return upkeep.peers().bans();
  }

  @Override
  public List<LimitSummary> limits() {
    return upkeep.limits().list();
  }

  @Override
  public List<LimitSummary> limit(LimitsRequest request) {
    return upkeep.limits().change(request);
  }

  /** A call that an interrupt ends. */
  @FunctionalInterface
  private interface Interruptible<T> {
    T call() throws InterruptedException;
  }

  private static <T> T interruptibly(String tried, Interruptible<T> call) {
    try {
      return call.call();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(tried, e);
    } catch (CancellationException e) {
      throw new ServiceException(
          ServiceException.Kind.NOT_FOUND, tried + " ended: the image was removed meanwhile", e);
    } catch (StoreException e) {
      throw ServiceFaults.of(e);
    }
  }

  @Override
  public void stop() {
    // in process there is no daemon to stop: the node ends with the call that made it
  }

  @Override
  public void close() {
    close.run();
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
