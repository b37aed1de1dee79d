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
  public Outcome run(CommandContext context) throws InterruptedException {
    List<Multiaddr> addresses = listen.isEmpty() ? DefaultListen.addresses() : listen;
    var config = context.config(addresses, runtimeCache.directory(context.environment()));
    try (Nodes.Daemon daemon = context.nodes().daemon(config)) {
      context.output().ready(daemon.start());
      daemon.awaitStop();
    }
    return Outcome.COMPLETE;
  }

  @Override
  public boolean isDaemon() {
    return true;
  }
}
