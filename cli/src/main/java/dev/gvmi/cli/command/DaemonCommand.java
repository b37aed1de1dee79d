package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService.Outcome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "daemon", description = "Run the node in the foreground.")
final class DaemonCommand implements NodeCommand {
  @Mixin private ListenOption listen = new ListenOption();

  @Mixin private RuntimeCacheOption runtimeCache = new RuntimeCacheOption();

  @Mixin private NetworkOption network = new NetworkOption();

  @Mixin private OriginOption origin = new OriginOption();

  @Mixin private HttpOption http = new HttpOption();

  @Mixin private RegistryOption registry = new RegistryOption();

  @Mixin private WarmUpOption warmUp = new WarmUpOption();

  @Mixin private ResourceOptions resources = new ResourceOptions();

  @Override
  public Outcome run(CommandContext context) {
    if (resources.lowPriority(context)) {
      LowPriority.take();
    }
    var config =
        context
            .placing(listen.addresses(context), runtimeCache.directories(context, true))
            .with(network.config(context))
            .with(origin.config(context))
            .with(resources.limits(context))
            .with(registry.config(context))
            .with(warmUp.config(context))
            .withHttp(http.address(context));
    try (Nodes.Daemon daemon = context.nodes().daemon(config)) {
      context.output().ready(daemon.start());
      untilStopped(daemon);
    }
    return Outcome.COMPLETE;
  }

  /** A signal is as good as a stop: nothing is lost that was under way. */
  private static void untilStopped(Nodes.Daemon daemon) {
    try {
      daemon.awaitStop();
    } catch (InterruptedException signal) {
      // the flag stays clear: what follows is an orderly end, which waits for what it closes
      assert !Thread.currentThread().isInterrupted();
    }
  }

  @Override
  public boolean isDaemon() {
    return true;
  }
}
