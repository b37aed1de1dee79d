package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.runtime.hook.RuntimeHook;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "install",
    description =
        "Lead the provider to a wrapper of the exe-unit, which asks a daemon for images on this machine.")
final class RuntimeInstallCommand implements NodeCommand {
  @Mixin private RuntimeHooks hooks = new RuntimeHooks();

  @Override
  public Outcome run(CommandContext context) {
    return hooks.run(context, RuntimeHook::install);
  }
}
