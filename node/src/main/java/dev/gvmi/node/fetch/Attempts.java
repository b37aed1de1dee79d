package dev.gvmi.node.fetch;

import dev.gvmi.node.cache.Space;
import dev.gvmi.node.delta.CopyPlan;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.swarm.ManifestVotes;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.manifest.ManifestId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One fetch, manifest after manifest: the one that is believed most is tried, and when it proves
 * false or does not get on, the next. Chunks stay where they are, and count under the next manifest
 * where it names them alike.
 *
 * <p><b>Thread:</b> the fetching one.
 */
final class Attempts {
  private final ImageId image;
  private final Holders holders;
  private final ManifestChoice choice;
  private final FetchRun.Parts parts;
  private FetchOutcome.@Nullable Incomplete incomplete;
  private FetchOutcome.@Nullable VerificationFailed failed;
  private @Nullable StoreException tooLarge;

  Attempts(ImageId image, Holders holders, ManifestChoice choice, FetchRun.Parts parts) {
    this.image = image;
    this.holders = holders;
    this.choice = choice;
    this.parts = parts;
  }

  FetchOutcome run() throws InterruptedException {
    OriginRace origin = parts.origin();
    origin.start();
    while (true) {
      Optional<Manifest> next = choice.next(origin);
      if (next.isEmpty() || origin.isDone()) {
        return origin.complete().orElseGet(this::outcome);
      }
      Manifest manifest = next.get();
      Optional<Space.Reservation> room = room(manifest);
      if (room.isEmpty()) {
        continue;
      }
      switch (run(manifest, room.get())) {
        case FetchOutcome.Complete complete -> {
          parts.votes().proved(complete.image().manifest().id(), parts.sources().peers());
          return complete;
        }
        case FetchOutcome.VerificationFailed wrong -> {
          failed(manifest.id(), wrong);
          alone();
        }
        case FetchOutcome.Incomplete some -> {
          incomplete = some;
          boolean isNew = parts.votes().setAside(manifest.id());
          boolean streams = origin.start();
          if (!isNew && !streams) {
            return some;
          }
          if (!isNew) {
            alone();
          }
        }
        case FetchOutcome.NotFound none -> {
          return none;
        }
      }
    }
  }

  /**
   * Peers came to nothing: the origin gets its chance without them. Others are asked again when it
   * fails, too.
   */
  private void alone() throws InterruptedException {
    OriginRace origin = parts.origin();
    if (origin.isUnderWay() || origin.start()) {
      origin.awaitEnd();
    }
  }

  private FetchOutcome run(Manifest manifest, Space.Reservation room) throws InterruptedException {
    try (room) {
      parts.origin().pause();
      Optional<FetchOutcome> won = parts.origin().complete();
      if (won.isPresent()) {
        return won.get();
      }
      return new FetchRun(parts, manifest, holders, room, () -> plan(manifest)).run();
    }
  }

  /** What of it is here in other images. */
  private Optional<CopyPlan> plan(Manifest manifest) throws InterruptedException {
    return new DeltaSearch(parts.host(), parts.store().deltas(), manifest)
        .plan(() -> parts.votes().vouchers(manifest.id()));
  }

  private void failed(ManifestId manifest, FetchOutcome.VerificationFailed wrong) {
    failed = wrong;
    holders.lied(parts.votes().vouchers(manifest));
    parts.votes().falsified(manifest);
    choice.forget(manifest);
    parts.sink().note(wrong.reason());
  }

  /** Empty if there is none; the manifest is not tried then. */
  private Optional<Space.Reservation> room(Manifest manifest) {
    Geometry geometry = manifest.geometry();
    long bytes = geometry.sizeBytes() + geometry.manifestBytes();
    boolean confirmed = parts.votes().isSizeConfirmed(manifest.id());
    return switch (parts.space().forImage(image, bytes, confirmed)) {
      case Space.Answer.Granted granted -> Optional.of(granted.reservation());
      case Space.Answer.Refused refused -> {
        tooLarge(manifest, refused.why());
        yield Optional.empty();
      }
    };
  }

  private void tooLarge(Manifest manifest, String why) {
    tooLarge =
        new StoreException(
            StoreException.Kind.NO_SPACE,
            "image "
                + image
                + " is said to have "
                + manifest.geometry().sizeBytes()
                + " bytes, but "
                + why);
    parts.votes().exclude(manifest.id());
    choice.forget(manifest.id());
  }

  /**
   * How it ends when there is nothing left to try. What only a false manifest describes is of no
   * use.
   */
  private FetchOutcome outcome() {
    FetchOutcome.VerificationFailed wrong = failed;
    ImageStore store = parts.store();
    if (wrong != null && incomplete == null && store.image(image).isEmpty()) {
      store.remove(image);
    }
    if (incomplete != null) {
      return incomplete;
    }
    if (tooLarge != null) {
      throw tooLarge;
    }
    parts
        .origin()
        .fault()
        .ifPresent(fault -> {
          throw fault;
        });
    if (wrong != null) {
      return new FetchOutcome.VerificationFailed(wrong.reason() + whyNoneIsLeft());
    }
    return parts
        .origin()
        .wrong()
        .<FetchOutcome>map(FetchOutcome.VerificationFailed::new)
        .orElseGet(() -> new FetchOutcome.NotFound(whyNone()));
  }

  private String whyNone() {
    return parts
        .origin()
        .whyNot()
        .map(why -> why + "; " + holders.whyNone())
        .orElseGet(holders::whyNone);
  }

  private String whyNoneIsLeft() {
    return parts.votes().falseManifests() < ManifestVotes.MAX_FALSE
        ? "; nobody believed names another manifest"
        : "; after "
            + parts.votes().falseManifests()
            + " false manifests only peers named with --peer are believed";
  }
}
