package dev.gvmi.node.build;

import dev.gvmi.node.advice.ContainerConfig;
import dev.gvmi.node.advice.Finding;
import dev.gvmi.node.oci.ImageSource;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** What an image's configuration, and what was said on top of it, become in the trailer. */
final class TrailerConfig {
  private static final String NATIVE = "amd64";

  private TrailerConfig() {}

  static ContainerConfig of(ImageSource source, BuildRequest.Overrides overrides) {
    JsonNode config = source.config();
    ContainerConfig said = ContainerConfig.of(config.path("config"));
    String architecture = config.path("architecture").asString(NATIVE);
    ContainerConfig made =
        said.withImage(source.configDigest(), architecture.equals(NATIVE) ? "" : architecture)
            .withVolumes(overrides.volumes())
            .withEnv(overrides.env());
    if (overrides.workingDir() != null) {
      made = made.withWorkingDir(overrides.workingDir());
    }
    List<String> entrypoint = overrides.entrypoint();
    return entrypoint == null ? made : made.withEntrypoint(entrypoint);
  }

  /** Something that is meant for another engine, and lost here. */
  static Optional<Finding> lost(ImageSource source) {
    JsonNode health = source.config().path("config").path("Healthcheck");
    return health.isObject()
        ? Optional.of(
            new Finding(
                Finding.Level.INFO,
                "healthcheck",
                "the HEALTHCHECK is left out: nothing on Golem runs it"))
        : Optional.empty();
  }
}
