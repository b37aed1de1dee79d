package dev.gvmi.node.trial;

import dev.gvmi.node.advice.ContainerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to try.
 *
 * @param image a {@code .gvmi} file
 * @param config what its trailer says
 * @param command to run in it
 * @param kernel an uncompressed name of a kernel's file, {@code boot/vmlinuz-VERSION} beside {@code
 *     lib/modules/VERSION}; null: one that is found
 */
public record TrialRequest(
    Path image,
    ContainerConfig config,
    List<String> command,
    int overlayMebibytes,
    int memoryMebibytes,
    Duration timeout,
    @Nullable Path kernel) {
  public TrialRequest {
    command = List.copyOf(command);
    if (overlayMebibytes < 1 || memoryMebibytes < 64) {
      throw new IllegalArgumentException("an overlay has 1 MiB at least, a VM 64 MiB");
    }
  }
}
