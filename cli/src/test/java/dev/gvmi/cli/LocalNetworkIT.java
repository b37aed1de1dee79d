package dev.gvmi.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Daemons on machines of one local network, told nothing of each other. Skipped without the
 * privilege to make one.
 */
@Timeout(120)
final class LocalNetworkIT {
  @TempDir Path folder;
  private final List<Program> running = new ArrayList<>();
  private Machines machines;

  @BeforeEach
  void layCable() {
    machines = Machines.two();
  }

  @AfterEach
  void endAll() {
    running.reversed().forEach(Program::close);
    if (machines != null) {
      machines.close();
    }
  }

  private Program start(int machine, String... command) throws Exception {
    String[] line = new String[3 + command.length];
    line[0] = "--json";
    line[1] = "--data-dir";
    line[2] = folder.resolve("data" + machine).toString();
    System.arraycopy(command, 0, line, 3, command.length);
    Program program = Program.startBy(machines.starter(machine), folder, line);
    running.add(program);
    return program;
  }

  private JsonNode run(int machine, String... command) throws Exception {
    Program.Ended ended = start(machine, command).end();
    assertThat(ended.code()).as(ended.err()).isZero();
    return ended.result();
  }

  /** Returns its peer id. */
  private String daemon(int machine, String listen, String... more) throws Exception {
    List<String> command = new ArrayList<>(List.of("daemon", "--listen", listen));
    command.addAll(List.of("--runtime-cache", "none"));
    command.addAll(List.of(more));
    Program program = start(machine, command.toArray(String[]::new));
    return program.await(Program.event("ready")).path("peerId").asString("");
  }

  @Test
  void anImageIsPrefetchedFromAPeerThatNobodyNamed() throws Exception {
    Path image = SampleImage.small(folder);
    String seeder = daemon(1, "/ip4/0.0.0.0/tcp/0");
    String id = run(1, "publish", image.toString()).path("image").asString("");
    daemon(2, "/ip4/0.0.0.0/tcp/0");
    assertThat(machines.usesMulticastDns(2)).isTrue();
    await().atMost(Duration.ofSeconds(30)).until(() -> machines.isConnected(2));
    JsonNode fetched = run(2, "prefetch", id);
    assertThat(fetched.path("outcome").asString("")).isEqualTo("complete");
    assertThat(fetched.path("sources").path(seeder).asLong()).isEqualTo(Files.size(image));
  }

  @Test
  void looksForNobodyIfToldNotToOrReachedByThisMachineAlone() throws Exception {
    daemon(1, "/ip4/0.0.0.0/tcp/0", "--no-mdns");
    daemon(2, "/ip4/127.0.0.1/tcp/0");
    assertThat(machines.usesMulticastDns(1)).isFalse();
    assertThat(machines.usesMulticastDns(2)).isFalse();
  }
}
