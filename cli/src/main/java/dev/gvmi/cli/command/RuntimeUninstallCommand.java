package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.runtime.hook.RuntimeHook;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "uninstall", description = "Restore the descriptors of the runtime, byte for byte.")
final class RuntimeUninstallCommand implements NodeCommand {
  @Mixin private RuntimeHooks hooks = new RuntimeHooks();

  @Override
  public Outcome run(CommandContext context) {
    return hooks.run(context, RuntimeHook::uninstall);
  }
}
