package dev.gvmi.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.config.Settings.OutputLevel;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFileTest {
  private static final Path FILE = Path.of("/etc/c.toml");
  private static final String PEER =
      "/ip4/192.0.2.1/tcp/7437/p2p/12D3KooWQVVr3Y43RWW3AGv615YnXywe8BEbLMwJeaRbHMNoJHXG";

  private static ConfigFile parse(String text) throws InvalidConfigException {
    return ConfigParser.parse(FILE, text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> problems(String text) {
    return assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> parse(text))
        .actual()
        .problems();
  }

  @Test
  void everyKeyIsReadWithItsLine() throws InvalidConfigException {
    ConfigFile read =
        parse(
            """
            # where this node is
            listen = ["/ip4/0.0.0.0/tcp/7437",
                      "/ip6/::/tcp/0"]
            peers = ["%s"]
            runtime-cache = "/var/cache"
            mdns = false
            [prefetch]
            timeout = "5m"

            [output]
            json = true
            level = "quiet"
            """
                .formatted(PEER));

    Settings settings = read.settings();
    assertThat(settings.listen())
        .containsExactly(
            Multiaddr.parse("/ip4/0.0.0.0/tcp/7437"), Multiaddr.parse("/ip6/::/tcp/0"));
    assertThat(settings.peers()).containsExactly(Multiaddr.parse(PEER));
    assertThat(settings.runtimeCache()).containsExactly("/var/cache");
    assertThat(settings.mdns()).isFalse();
    assertThat(settings.prefetchTimeout()).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.json()).isTrue();
    assertThat(settings.level()).isEqualTo(OutputLevel.QUIET);
    assertThat(read.lines())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                ConfigKey.LISTEN, 2,
                ConfigKey.PEERS, 4,
                ConfigKey.RUNTIME_CACHE, 5,
                ConfigKey.MDNS, 6,
                ConfigKey.PREFETCH_TIMEOUT, 8,
                ConfigKey.OUTPUT_JSON, 11,
                ConfigKey.OUTPUT_LEVEL, 12));
  }

  @Test
  void namesWhatIsBroughtAhead() throws InvalidConfigException {
    String hash = "ab".repeat(28);
    Settings settings =
        parse(
                "[warm-up]\nimages = ['golem/alpine:latest', '"
                    + hash
                    + "']\nevery = '5m'\nlimit = '20Mbit'\n")
            .settings();
    assertThat(settings.warmUpImages()).containsExactly("golem/alpine:latest", hash);
    assertThat(settings.warmUpEvery()).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.warmUpLimit()).isEqualTo(2_500_000);
  }

  @Test
  void anEmptyFileSaysNothing() throws InvalidConfigException {
    assertThat(parse("").settings()).isEqualTo(Settings.NONE);
    assertThat(parse("[prefetch]\n[output]\n").settings()).isEqualTo(Settings.NONE);
  }

  @Test
  void everyKeyHasAPathOfItsOwn() {
    assertThat(ConfigKey.paths()).doesNotHaveDuplicates();
    assertThat(ConfigKey.values())
        .allSatisfy(key -> assertThat(ConfigKey.of(key.path())).contains(key));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lisen = []                          | 1:1: unknown key 'lisen', did you mean 'listen'?; allowed: listen, peers",
        "runtime_cache = 'none'              | 1:1: unknown key 'runtime_cache', did you mean 'runtime-cache'?",
        "timeout = '5m'                      | 1:1: unknown key 'timeout', did you mean 'prefetch.timeout'?",
        "output.colour = true                | 1:1: unknown key 'output.colour'; allowed",
        "data-dir = '/x'                     | 1:1: unknown key 'data-dir'; allowed",
        "prefetch = 3                        | 1:1: 'prefetch' is a table: write [prefetch]",
        "listen = '/ip4/1.2.3.4/tcp/1'       | 1:1: 'listen': it is a string; allowed: an array of 1 to 16",
        "listen = []                         | 1:1: 'listen': it has 0 entries; allowed: an array of 1 to 16",
        "listen = [7437]                     | 1:11: 'listen': it is a number; allowed",
        "listen = ['/ip4/1.2.3.4/tcp/1', 'x'] | 1:33: 'listen': ",
        "listen = ['/ip4/1.2.3.4/udp/1']     | 1:11: 'listen': '/ip4/1.2.3.4/udp/1' is not of the form",
        "peers = ['/ip4/1.2.3.4/tcp/1']      | 1:10: 'peers': '/ip4/1.2.3.4/tcp/1' has no /p2p/<peer id>",
        "runtime-cache = 'relative'          | 1:1: 'runtime-cache': 'relative' is no absolute folder; allowed: an absolute folder, an array of at most 8 of them, or \"none\"",
        "runtime-cache = 1.5                 | 1:1: 'runtime-cache': it is a number",
        "runtime-cache = \"\\u0000\"         | 1:1: 'runtime-cache': ",
        "warm-up.images = ['xyz']             | 1:19: 'warm-up.images': ",
        "warm-up.images = 'xyz'               | 1:1: 'warm-up.images': it is a string; allowed: an array of at most 256 images",
        "warm-up.every = '0s'                 | 1:1: 'warm-up.every': '0s' is not between 1ms and 8760h",
        "mdns = 'yes'                        | 1:1: 'mdns': it is a string; allowed: true or false",
        "prefetch.timeout = '5'              | 1:1: 'prefetch.timeout': '5' is no duration such as",
        "prefetch.timeout = '0s'             | 1:1: 'prefetch.timeout': '0s' is not between 1ms and 8760h",
        "prefetch.timeout = '8761h'          | 1:1: 'prefetch.timeout': '8761h' is not between",
        "prefetch.timeout = 5                | 1:1: 'prefetch.timeout': it is a number",
        "prefetch.timeout = 2020-01-01       | 1:1: 'prefetch.timeout': it is a date or time",
        "quota = 5                           | 1:1: 'quota': it is a number; allowed: a size of at least",
        "quota = '999999'                    | 1:1: 'quota': '999999' is less than 1M",
        "quota = '20X'                       | 1:1: 'quota': '20X' is no size such as",
        "upload-limit = '20M'                | 1:1: 'upload-limit': '20M' is no rate such as",
        "download-limit = '63kbit'           | 1:1: 'download-limit': '63kbit' is less than 64kbit",
        "low-priority = 1                    | 1:1: 'low-priority': it is a number",
        "output.json = 'true'                | 1:1: 'output.json': it is a string; allowed: true or false",
        "output.level = 'loud'               | 1:1: 'output.level': 'loud' is no level; allowed: \"normal\"",
        "output.level = true                 | 1:1: 'output.level': it is a boolean",
        "output.level = {a = 1}              | 1:1: 'output.level': it is a table",
        "output.level = []                   | 1:1: 'output.level': it is an array",
        "peers =                             | 1:",
        "[output]json = true                 | 1:9: ",
      },
      quoteCharacter = '~')
  void whatIsWrongIsNamedWithItsPlaceAndWhatIsAllowed(String text, String problem) {
    assertThat(problems(text))
        .singleElement()
        .asString()
        .startsWith(FILE + ":" + problem)
        .doesNotContain("\n");
  }

  @Test
  void placesAreOfTheFileAndNotOfTheTable() {
    assertThat(problems("\n[output]\n\n  level = 3\n").getFirst()).startsWith(FILE + ":4:3: ");
    assertThat(problems("json = 1\njson = 2\n").getFirst()).startsWith(FILE + ":2:1: ");
  }

  @Test
  void allThatIsWrongIsTold() {
    assertThat(problems("lisen = 1\nruntime-cache = 2\n[output]\nlevel = 3\njson = true\n"))
        .hasSize(3);
  }

  @Test
  void boundsOfTheArraysHold() throws InvalidConfigException {
    String peers = ("'" + PEER + "',").repeat(ConfigValues.MAX_PEERS);
    assertThat(parse("peers = [" + peers + "]").settings().peers()).hasSize(ConfigValues.MAX_PEERS);
    assertThat(problems("peers = [" + peers + "'" + PEER + "']").getFirst()).contains("65 entries");
    assertThat(parse("peers = []").settings().peers()).isEmpty();
    String listen = "'/ip4/127.0.0.1/tcp/0',".repeat(ConfigValues.MAX_LISTEN + 1);
    assertThat(problems("listen = [" + listen + "]").getFirst()).contains("17 entries");
  }

  @Test
  void whatIsNoTextIsRefused() {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> ConfigParser.parse(FILE, new byte[] {(byte) 0xff}))
        .withMessage(FILE + ": it is no UTF-8 text");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1ms", "999ms", "30s", "90s", "5m", "1h", "8760h"})
  void durationsAreWrittenAsTheyAreRead(String text) {
    Duration duration = ConfigValues.duration(text);
    assertThat(ConfigValues.duration(ConfigValues.text(duration))).isEqualTo(duration);
  }

  @ParameterizedTest
  @CsvSource({
    "1M, 1000000",
    "500MB, 500000000",
    "500MiB, 524288000",
    "1.5G, 1500000000",
    "2Ti, 2199023255552",
    "999999999T, 999999999000000000000",
    "2000000B, 2000000"
  })
  void sizesAreBytes(String text, BigInteger bytes) {
    if (bytes.bitLength() > 63) {
      assertThatThrownBy(() -> ConfigValues.size(text))
          .isInstanceOf(IllegalArgumentException.class);
    } else {
      assertThat(ConfigValues.size(text)).isEqualTo(bytes.longValueExact());
      assertThat(ConfigValues.size(ConfigValues.sizeText(bytes.longValueExact())))
          .isEqualTo(bytes.longValueExact());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "20Mbit, 2500000",
    "20Mbit/s, 2500000",
    "5MB/s, 5000000",
    "5MiB/s, 5242880",
    "64kbit, 8000",
    "0.5Gbit, 62500000",
    "none, 9223372036854775807"
  })
  void ratesAreBytesInASecond(String text, long bytes) {
    assertThat(ConfigValues.rate(text)).isEqualTo(bytes);
    assertThat(ConfigValues.rate(ConfigValues.rateText(bytes))).isEqualTo(bytes);
  }

  @Test
  void aSettingIsALineOfTomlThatReadsBack() throws InvalidConfigException {
    String text =
        String.join(
            "\n",
            new EffectiveSetting(
                    ConfigKey.LISTEN, List.of("/ip4/127.0.0.1/tcp/0", "/ip6/::1/tcp/0"), "default")
                .toml(),
            new EffectiveSetting(ConfigKey.RUNTIME_CACHE, "/a \"b\"\\c\u0001\n'ä", "/f\n:1").toml(),
            new EffectiveSetting(ConfigKey.PREFETCH_TIMEOUT, null, "default").toml(),
            new EffectiveSetting(ConfigKey.OUTPUT_JSON, true, "option --json").toml());

    Settings settings = parse(text).settings();
    assertThat(text.lines()).hasSize(4);
    assertThat(settings.listen()).hasSize(2);
    assertThat(settings.runtimeCache()).containsExactly("/a \"b\"\\c\u0001\n'ä");
    assertThat(settings.prefetchTimeout()).isNull();
    assertThat(settings.json()).isTrue();
  }

  @Test
  void nothingFarIsSuggested() {
    assertThat(NearMiss.of("colour", ConfigKey.paths())).isNull();
    assertThat(NearMiss.of("x".repeat(1000), ConfigKey.paths())).isNull();
    assertThat(NearMiss.of("prefetch.timeuot", ConfigKey.paths())).isEqualTo("prefetch.timeout");
    assertThat(NearMiss.distance("kitten", "sitting")).isEqualTo(3);
  }
}
