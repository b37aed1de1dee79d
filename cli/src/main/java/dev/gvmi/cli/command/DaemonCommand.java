package dev.gvmi.cli.command;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.control.NodeService.Outcome;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "daemon", description = "Run the node in the foreground.")
final class DaemonCommand implements NodeCommand {
  @Option(
      names = "--listen",
      paramLabel = "MULTIADDR",
      arity = "1..*",
      converter = MultiaddrConverter.class,
      description = "Addresses to listen on; port 0 is any. Default: TCP port 7437 of all addresses.")
  private List<Multiaddr> listen = List.of();

  @Mixin private RuntimeCacheOption runtimeCache = new RuntimeCacheOption();

  @Override
  public Outcome run(CommandContext context) {
    List<Multiaddr> addresses = listen.isEmpty() ? DefaultListen.addresses() : listen;
    var config = context.config(addresses, runtimeCache.directory(context.environment()));
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
