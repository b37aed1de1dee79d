package dev.gvmi.cli.command;

import dev.gvmi.node.control.NodeService.Outcome;
import dev.gvmi.node.runtime.hook.RuntimeHook;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "status", description = "Show where the hook is installed, and what is to be done.")
final class RuntimeStatusCommand implements NodeCommand {
  @Mixin private RuntimeHooks hooks = new RuntimeHooks();

  @Override
  public Outcome run(CommandContext context) {
    return hooks.run(context, RuntimeHook::status);
  }
}
