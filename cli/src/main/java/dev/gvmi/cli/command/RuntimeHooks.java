package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.runtime.hook.HookReport;
import dev.gvmi.node.runtime.hook.RuntimeHook;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that the commands about the hook share, and how they end. */
final class RuntimeHooks {
  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description =
          "Where the runtime's descriptors are (ya-*.json). Default: where the provider looks.")
  private @Nullable Path plugins;

  /** What a command does. */
  interface Step {
    List<HookReport> at(RuntimeHook hook) throws IOException;
  }

  /** Shows what became of each descriptor; the first that failed is the failure. */
  Outcome run(CommandContext context, Step step) {
    Map<String, String> environment = context.environment();
    Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", ".")));
    RuntimeHook hook = RuntimeHook.of(plugins, environment, home, context.dataDir());
    List<HookReport> reports = reports(hook, step);
    if (reports.isEmpty()) {
      throw new ServiceException(
          ServiceException.Kind.NOT_FOUND,
          "found no descriptor of a runtime for VM images (ya-*.json) in "
              + hook.folders().stream().map(Path::toString).collect(Collectors.joining(", "))
              + "; name its folder with --plugins");
    }
    context.output().runtimeHook(reports);
    reports.stream()
        .filter(HookReport::failed)
        .findFirst()
        .ifPresent(failed -> {
          throw new ServiceException(ServiceException.Kind.USAGE, failed.message());
        });
    return Outcome.COMPLETE;
  }

  private static List<HookReport> reports(RuntimeHook hook, Step step) {
    try {
      return step.at(hook);
    } catch (IOException e) {
      throw new ServiceException(
          ServiceException.Kind.USAGE, "cannot look for the runtime's descriptors: " + e, e);
    }
  }
}
