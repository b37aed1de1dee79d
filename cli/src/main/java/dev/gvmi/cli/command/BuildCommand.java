package dev.gvmi.cli.command;

import dev.gvmi.cli.output.BuildDetails;
import dev.gvmi.cli.output.Output;
import dev.gvmi.node.advice.Finding;
import dev.gvmi.node.advice.Finding.Level;
import dev.gvmi.node.build.BuildRequest;
import dev.gvmi.node.build.BuildResult;
import dev.gvmi.node.build.Compressor;
import dev.gvmi.node.build.ImageBuild;
import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.NodeService.ProgressEvent;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.oci.Platform;
import dev.gvmi.node.oci.SourceLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "build",
    description =
        "Make a .gvmi from a Docker or OCI image, or a root file system; no engine is needed.")
final class BuildCommand implements NodeCommand {
  private static final String NO_VOLUME = "no-volume";

  @Parameters(
      paramLabel = "SOURCE",
      description =
          "What 'docker save' wrote ('-': standard input), an OCI layout (folder or tar), or a root file system (folder or tar).")
  private String source = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      required = true,
      description = "The .gvmi to make.")
  private Path target = Path.of("");

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "Which of several platforms. Default: linux/amd64.",
      converter = PlatformConverter.class)
  private Platform platform = Platform.GOLEM;

  @Option(
      names = "--tag",
      paramLabel = "NAME",
      description = "Which of several images of the source.")
  private @Nullable String tag;

  @Option(
      names = "--image-config",
      paramLabel = "FILE",
      description = "OCI image configuration (JSON) of a root file system.")
  private @Nullable Path config;

  @Option(names = "--volume", paramLabel = "PATH", description = "A volume besides the source's.")
  private List<String> volumes = List.of();

  @Option(
      names = "--env",
      paramLabel = "NAME=VALUE",
      description = "A variable, added or replaced.")
  private List<String> env = List.of();

  @Option(names = "--workdir", paramLabel = "PATH", description = "The working directory.")
  private @Nullable String workingDir;

  @Option(
      names = "--entrypoint",
      paramLabel = "COMMAND",
      description = "One word or a JSON array, instead of the source's ENTRYPOINT and CMD.")
  private @Nullable String entrypoint;

  @Option(
      names = "--compression",
      paramLabel = "lzo|gzip|xz|lz4",
      description = "Default: lzo.",
      converter = CompressorConverter.class)
  private Compressor compressor = Compressor.LZO;

  @Option(names = "--level", paramLabel = "1-9", description = "How hard lzo or gzip tries.")
  private @Nullable Integer level;

  @Option(names = "--allow-no-volume", description = "An image without a volume is meant.")
  private boolean allowNoVolume;

  @Option(names = "--publish", description = "Publish it, as 'publish' does.")
  private boolean publish;

  @Option(names = "--url", paramLabel = "URL", description = "With --publish: as for 'publish'.")
  private @Nullable String url;

  @Option(names = "--seed", description = "With --publish: as for 'publish'.")
  private boolean seed;

  @Mixin private ReplicasOption replicas = new ReplicasOption();

  @Override
  public Outcome run(CommandContext context) throws InterruptedException {
    check();
    Output output = context.output();
    Map<String, String> environment = context.environment();
    BuildRequest request = request(environment);
    ImageBuild build =
        new ImageBuild(SourceLimits.DEFAULT, environment.getOrDefault("PATH", ""), System.in);
    BuildResult result =
        build.build(
            request,
            findings -> judge(findings, output),
            (phase, done, total) ->
                output.progress(new ProgressEvent(phase, done, total, 0, 0, null)));
    var hashed = InspectCommand.inspect(request.target(), context, false);
    output.built(new BuildDetails(result, hashed.image(), hashed.manifest(), !publish));
    return publish
        ? PublishCommand.publish(
            context,
            request.target(),
            url,
            new PublishCommand.Serving(seed, new NetworkOption().config(context), replicas))
        : Outcome.COMPLETE;
  }

  private void check() {
    try {
      if (compressor.options(level).size() > 2) {
        throw new IllegalStateException("a compressor has one option at most");
      }
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
    if (!publish && (url != null || seed || replicas.isGiven())) {
      throw usage("--url, --seed and --replicas go with --publish");
    }
    replicas.check();
    PublishCommand.checkUrl(url);
    if (Files.isDirectory(target)) {
      throw usage("cannot build " + target + ": it is a folder");
    }
    if (target.toString().isEmpty()) {
      throw usage("-o needs the name of a file");
    }
  }

  private BuildRequest request(Map<String, String> environment) {
    boolean pipe = source.equals("-");
    return new BuildRequest(
        pipe ? null : Path.of(source),
        target.toAbsolutePath().normalize(),
        new BuildRequest.Selection(platform, tag, config),
        new BuildRequest.Overrides(
            volumes,
            env,
            workingDir,
            entrypoint == null ? null : CommandWords.parse("--entrypoint", entrypoint)),
        new BuildRequest.Packing(compressor, level, latest(environment)));
  }

  /** What the Reproducible Builds specification says of SOURCE_DATE_EPOCH. */
  private static OptionalLong latest(Map<String, String> environment) {
    String said = environment.getOrDefault("SOURCE_DATE_EPOCH", "");
    if (said.isEmpty()) {
      return OptionalLong.empty();
    }
    if (!said.matches("[0-9]{1,10}")) {
      throw usage("SOURCE_DATE_EPOCH is " + said + ", which is no number of seconds");
    }
    return OptionalLong.of(Long.parseLong(said));
  }

  private void judge(List<Finding> findings, Output output) {
    findings.stream().filter(finding -> !refused(finding)).forEach(output::finding);
    for (Finding finding : findings) {
      if (refused(finding)) {
        throw usage("cannot build " + target + ": " + finding.message());
      }
    }
  }

  private boolean refused(Finding finding) {
    return finding.level() == Level.ERROR && !(allowNoVolume && finding.code().equals(NO_VOLUME));
  }

  private static ServiceException usage(String message) {
    return new ServiceException(ServiceException.Kind.USAGE, message);
  }

  /** {@code linux/amd64}. */
  static final class PlatformConverter extends ValueConverter<Platform> {
    PlatformConverter() {
      super(Platform::parse);
    }
  }

  /** A compressor by its name. */
  static final class CompressorConverter extends ValueConverter<Compressor> {
    CompressorConverter() {
      super(Compressor::parse);
    }
  }
}
