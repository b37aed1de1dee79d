package dev.gvmi.node.runtime.hook;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** The Golem providers that run on this machine now. */
interface ProviderProcesses {
  /** When the one started that runs for the longest time; empty if none does. */
  Optional<Instant> oldestStart();

  /** As this system shows them. */
  static ProviderProcesses system() {
    return () ->
        ProcessHandle.allProcesses()
            .map(ProcessHandle::info)
            .filter(info -> info.command().map(ProviderProcesses::isProvider).orElse(false))
            .flatMap(info -> info.startInstant().stream())
            .min(Instant::compareTo);
  }

  private static boolean isProvider(String command) {
    return String.valueOf(Path.of(command).getFileName()).equals("ya-provider");
  }
}
