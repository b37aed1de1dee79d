package dev.gvmi.node;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.audit.AuditFindings;
import dev.gvmi.node.audit.ImageAuditor;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.VerifyRequest;
import dev.gvmi.node.control.NodeService.VerifyResult;
import dev.gvmi.node.fetch.FetchOutcome;
import dev.gvmi.node.log.NodeLog;
import dev.gvmi.node.runtime.PlacedFiles;
import dev.gvmi.node.runtime.PlacedFiles.PlacedFile;
import dev.gvmi.node.store.ImageAudit;
import dev.gvmi.node.store.ImageLease;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.StoredImage;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a held image and repairs it: what is damaged leaves the store and the runtime's cache,
 * is fetched again as any missing chunk is, and comes back under the names it had.
 *
 * <p>A file in the runtime's cache that is a hard link of a damaged one, or shares its blocks, is
 * taken away before the repair, so that no task starts from it meanwhile; one that a task may be
 * using stays and is told.
 *
 * <p><b>Thread:</b> any.
 */
final class Verification {
  private final ImageStore store;
  private final ImageAuditor auditor;
  private final Flights flights;
  private final Placer placer;
  private final PlacedFiles placed;

  Verification(
      ImageStore store, ImageAuditor auditor, Flights flights, Placer placer, PlacedFiles placed) {
    this.store = store;
    this.auditor = auditor;
    this.flights = flights;
    this.placer = placer;
    this.placed = placed;
  }

  /**
   * What was found, and what was done at once.
   *
   * @param chunks of the image, 0 if nothing says how many
   * @param removed from the runtime's cache
   * @param left in the runtime's cache, damaged, each with the reason
   */
  record Settled(
      int chunks, int damagedChunks, boolean sound, List<Path> removed, List<String> left) {
    private String damage() {
      return chunks == 0
          ? "its manifest is damaged too, so that no chunk can be told good"
          : damagedChunks + " of " + chunks + " chunks";
    }
  }

  VerifyResult verify(VerifyRequest request, ProgressMeter meter) throws InterruptedException {
    ImageId image = Requests.id(Requests.image(request.image()));
    List<Multiaddr> peers = request.peers().stream().map(Requests::peer).toList();
    ImageLease lease = store.lease(image);
    try (lease) {
      return verify(image, peers, request, meter);
    }
  }

  private VerifyResult verify(
      ImageId image, List<Multiaddr> peers, VerifyRequest request, ProgressMeter meter)
      throws InterruptedException {
    Tally tally = new Tally(image);
    Optional<ImageAudit> audit = store.audit(image);
    if (audit.isEmpty()) {
      return tally.result(Outcome.NOT_FOUND, notHeld(image));
    }
    tally.describe(audit.get());
    Settled settled = settle(audit.get(), placer.cache(request.runtimeCache()), meter);
    tally.settled = settled;
    if (settled.sound()) {
      return tally.result(Outcome.COMPLETE, "");
    }
    meter.note(
        "image " + image + " is damaged, " + settled.damage() + ": fetching what is missing");
    try {
      FetchOutcome outcome = flights.fetch(image, peers, null, meter);
      return switch (outcome) {
        case FetchOutcome.Complete complete -> repaired(complete, tally);
        case FetchOutcome.NotFound no -> notRepaired(tally, no.reason());
        case FetchOutcome.Incomplete part -> notRepaired(tally, part.reason());
        case FetchOutcome.VerificationFailed wrong -> notRepaired(tally, wrong.reason());
      };
    } catch (TimeoutException e) {
      throw new IllegalStateException("a fetch without a limit timed out", e);
    } catch (StoreException e) {
      if (e.kind() == StoreException.Kind.NO_SPACE) {
        return tally.result(Outcome.NO_SPACE, String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private String notHeld(ImageId image) {
    return store.partial(image).isPresent()
        ? "image "
            + image
            + " is not complete here, and so not verified: 'gvmi-p2p prefetch "
            + image
            + "' goes on with it"
        : "image " + image + " is not held here: 'gvmi-p2p list' shows what is";
  }

  /** Reads the image; one that is damaged is a partial of its good chunks afterwards. */
  Settled settle(ImageAudit audit, @Nullable Path cache, ProgressMeter meter)
      throws InterruptedException {
    long size =
        Math.max(1, audit.manifest().map(m -> m.geometry().sizeBytes()).orElse(audit.fileBytes()));
    AuditFindings findings = auditor.audit(audit, bytes -> meter.advance("verifying", bytes, size));
    int chunks = audit.manifest().map(m -> m.geometry().chunkCount()).orElse(0);
    return switch (findings) {
      case AuditFindings.Sound sound -> {
        if (!audit.passed(sound.proof())) {
          throw new StoreException(
              StoreException.Kind.IO,
              "image "
                  + audit.id()
                  + " changed while it was read: see who writes to "
                  + audit.file()
                  + ", and verify it again");
        }
        yield new Settled(chunks, 0, true, List.of(), List.of());
      }
      case AuditFindings.Damaged damaged -> {
        audit.withdraw();
        NodeLog.damaged(audit.id().hex(), damaged.damagedChunks(), chunks);
        List<Path> removed = new ArrayList<>();
        List<String> left = new ArrayList<>();
        clearCache(audit, cache, removed, left);
        boolean ours = audit.failed(damaged.goodChunks());
        assert ours || store.audit(audit.id()).isEmpty() : "replaced by somebody else meanwhile";
        yield new Settled(
            chunks, damaged.damagedChunks(), false, List.copyOf(removed), List.copyOf(left));
      }
    };
  }

  private void clearCache(
      ImageAudit audit, @Nullable Path cache, List<Path> removed, List<String> left) {
    try {
      for (PlacedFile file : placed.of(audit.id(), audit.file(), cache)) {
        if (file.sharesBytes()) {
          placed
              .remove(file)
              .ifPresentOrElse(
                  reason -> left.add(file.file() + ": " + reason), () -> removed.add(file.file()));
        }
      }
      placed.forgetMissing(audit.id());
    } catch (IOException e) {
      left.add("the runtime's cache cannot be looked into: " + e);
    }
  }

  private VerifyResult repaired(FetchOutcome.Complete complete, Tally tally) {
    tally.sources = complete.sourceBytes();
    tally.repaired = true;
    NodeLog.repaired(complete.image().id().hex(), tally.settled.damagedChunks());
    List<String> problems = placeAgain(complete.image(), tally.settled, tally.replaced);
    problems.addAll(tally.settled.left());
    return problems.isEmpty()
        ? tally.result(Outcome.COMPLETE, "")
        : tally.result(
            Outcome.NOT_PLACED,
            "image "
                + complete.image().id()
                + " is repaired, but not in the runtime's cache: "
                + String.join("; ", problems)
                + "; remove a damaged file there once no task uses it, then prefetch the image");
  }

  /** Puts the image back under the names that were taken away. @return what went wrong */
  List<String> placeAgain(StoredImage image, Settled settled, List<String> replaced) {
    List<String> problems = new ArrayList<>();
    for (Path name : settled.removed()) {
      Placer.Placement placement =
          placer.placeInCache(image, name.resolveSibling(""), String.valueOf(name.getFileName()));
      if (placement.problem() == null) {
        replaced.add(name.toString());
      } else {
        problems.add(placement.problem());
      }
    }
    return problems;
  }

  private VerifyResult notRepaired(Tally tally, String reason) {
    List<String> left = tally.settled.left();
    String damagedInCache =
        left.isEmpty() ? "" : "; damaged in the runtime's cache too, " + String.join("; ", left);
    return tally.result(
        Outcome.VERIFICATION_FAILED,
        "image "
            + tally.image
            + " is damaged, "
            + tally.settled.damage()
            + ", and was not repaired: "
            + reason
            + damagedInCache
            + "; the rest is kept: 'gvmi-p2p prefetch "
            + tally.image
            + " --peer MULTIADDR' repairs it from a peer that has it");
  }

  /** What the result is made of as it comes together. */
  private static final class Tally {
    final ImageId image;
    final long start = System.nanoTime();
    final List<String> replaced = new ArrayList<>();
    @Nullable String manifest;
    long bytes;
    Settled settled = new Settled(0, 0, true, List.of(), List.of());
    Map<String, Long> sources = Map.of();
    boolean repaired;

    Tally(ImageId image) {
      this.image = image;
    }

    void describe(ImageAudit audit) {
      Optional<Manifest> known = audit.manifest();
      manifest = known.map(m -> m.id().hex()).orElse(null);
      bytes = known.map(m -> m.geometry().sizeBytes()).orElse(audit.fileBytes());
    }

    VerifyResult result(Outcome outcome, String message) {
      List<String> removed =
          settled.removed().stream()
              .map(Path::toString)
              .filter(n -> !replaced.contains(n))
              .toList();
      return new VerifyResult(
          outcome,
          image.hex(),
          manifest,
          bytes,
          settled.chunks(),
          settled.damagedChunks(),
          repaired,
          sources,
          List.copyOf(replaced),
          removed,
          settled.left(),
          (System.nanoTime() - start) / 1_000_000,
          message);
    }
  }
}
