package dev.gvmi.node;

import dev.gvmi.node.control.NodeService.NodeStatus;
import dev.gvmi.node.fetch.FetchOutcome;
import dev.gvmi.node.fetch.ProgressSink;
import dev.gvmi.node.fetch.ReadPosition;
import dev.gvmi.node.gateway.GatewayServer;
import dev.gvmi.node.gateway.ImageSource;
import dev.gvmi.node.gateway.Readiness;
import dev.gvmi.node.log.NodeLog;
import dev.gvmi.node.metrics.NodeMetrics;
import dev.gvmi.node.origin.Origin;
import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.node.origin.Origins;
import dev.gvmi.node.registry.RegistryFace;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.ImageRef;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * What the gateway is to this node: where it gets its images from, and whether the node is ready.
 * <b>Thread:</b> any.
 */
final class Gateways implements ImageSource {
  /** With less nothing can be fetched, nor the index be written for long. */
  private static final long LEAST_FREE_BYTES = 64L << 20;

  private final ImageStore store;
  private final Flights flights;
  private final Origins origins;
  private final Path dataDir;
  private final Supplier<NodeStatus> status;

  Gateways(
      ImageStore store,
      Flights flights,
      Origins origins,
      Path dataDir,
      Supplier<NodeStatus> status) {
    this.store = store;
    this.flights = flights;
    this.origins = origins;
    this.dataDir = dataDir;
    this.status = status;
  }

  GatewayServer.Parts parts(NodeMetrics metrics, RegistryFace registry) {
    return new GatewayServer.Parts(
        store, this, registry, metrics::text, this::readiness, metrics::answered);
  }

  @Override
  public FetchOutcome fetch(
      ImageId image, Optional<OriginUrl> origin, ReadPosition reader, ProgressSink sink)
      throws InterruptedException {
    long start = System.nanoTime();
    try {
      FetchOutcome outcome = flights.fetch(image, at(image, origin).orElse(null), reader, sink);
      log(image, outcome, (System.nanoTime() - start) / 1_000_000);
      return outcome;
    } catch (TimeoutException e) {
      throw new IllegalStateException("a fetch without a limit timed out", e);
    }
  }

  /** The address that is named, which comes from a stranger; else what the registry knows. */
  private Optional<Origin> at(ImageId image, Optional<OriginUrl> named) {
    return named.isPresent()
        ? Optional.of(origins.ofStranger(named.get()))
        : origins.of(new ImageRef.Hash(image), false);
  }

  private static void log(ImageId image, FetchOutcome outcome, long elapsedMillis) {
    switch (outcome) {
      case FetchOutcome.Complete done -> {
        if (!done.sourceBytes().isEmpty()) {
          NodeLog.fetched(
              image.hex(), done.image().sizeBytes(), done.sourceBytes().size(), elapsedMillis);
        }
      }
      case FetchOutcome.NotFound none -> NodeLog.notFetched(image.hex(), none.reason());
      case FetchOutcome.Incomplete some -> NodeLog.notFetched(image.hex(), some.reason());
      case FetchOutcome.VerificationFailed wrong -> NodeLog.notFetched(image.hex(), wrong.reason());
    }
  }

  private Readiness readiness() {
    List<String> faults = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    long free = dataDir.toFile().getUsableSpace();
    if (free < LEAST_FREE_BYTES) {
      faults.add(
          "the disk of "
              + dataDir.getFileName()
              + " has "
              + free
              + " bytes left, too few to fetch an image");
    }
    long damaged = store.auditable().size() - (long) store.images().size();
    if (damaged > 0) {
      notes.add(damaged + " damaged images are not served; 'gvmi-p2p verify' repairs them");
    }
    if (status.get().peers() == 0) {
      notes.add("no peer is connected");
    }
    return new Readiness(faults, notes);
  }
}
