package dev.gvmi.node.registry;

import dev.gvmi.node.cache.Space;
import dev.gvmi.node.publish.Publisher;
import dev.gvmi.node.store.ImageStore;
import dev.gvmi.protocol.sha3.ScalarSegmentHasher;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** A registry face without a node. */
public final class TestRegistry {
  private TestRegistry() {}

  /** With all the room there is, and no upstream. */
  public static RegistryFace on(Path dataDir, ImageStore store) {
    return on(dataDir, store, RegistryConfig.DEFAULT);
  }

  public static RegistryFace on(Path dataDir, ImageStore store, RegistryConfig config) {
    return RegistryFace.start(
        parts(
            dataDir,
            store,
            Space.of(() -> Long.MAX_VALUE),
            InstantSource.system(),
            null,
            RegistryLimits.DEFAULT),
        config);
  }

  static RegistryFace.Parts parts(
      Path dataDir,
      ImageStore store,
      Space space,
      InstantSource clock,
      dev.gvmi.node.origin.@Nullable Registry upstream,
      RegistryLimits limits) {
    return new RegistryFace.Parts(
        dataDir,
        RegistryState.open(dataDir, limits),
        store,
        new Publisher(store, new ScalarSegmentHasher(), space),
        space,
        upstream,
        clock);
  }
}
