package dev.gvmi.node.build;

import dev.gvmi.node.oci.Platform;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * An image to build.
 *
 * @param source a file or a folder, or null for standard input
 * @param target the file to make; replaced if it is there
 */
public record BuildRequest(
    @Nullable Path source, Path target, Selection selection, Overrides overrides, Packing packing) {
  /**
   * Which image of the source.
   *
   * @param tag if there are several, or null
   * @param config OCI configuration of a root file system, or null
   */
  public record Selection(Platform platform, @Nullable String tag, @Nullable Path config) {}

  /**
   * What is said instead of, or besides, what the source says.
   *
   * @param workingDir null: as the source says
   * @param entrypoint null: as the source says
   */
  public record Overrides(
      List<String> volumes,
      List<String> env,
      @Nullable String workingDir,
      @Nullable List<String> entrypoint) {}

  /**
   * How it is packed.
   *
   * @param level null: the compressor's own
   * @param latestSeconds times in the image are at most this, as SOURCE_DATE_EPOCH has it
   */
  public record Packing(
      Compressor compressor, @Nullable Integer level, OptionalLong latestSeconds) {}
}
