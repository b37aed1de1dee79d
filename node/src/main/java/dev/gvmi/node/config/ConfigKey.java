package dev.gvmi.node.config;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Every key that a configuration file may have, in the order in which they are shown.
 * docs/configuration.md describes each.
 */
public enum ConfigKey {
  LISTEN(
      "listen",
      "--listen",
      "an array of 1 to "
          + ConfigValues.MAX_LISTEN
          + " addresses such as \"/ip4/0.0.0.0/tcp/7437\""),
  PEERS(
      "peers",
      "--peer",
      "an array of at most " + ConfigValues.MAX_PEERS + " addresses that end in /p2p/<peer id>"),
  BOOTSTRAP(
      "bootstrap",
      "--bootstrap",
      "an array of at most "
          + ConfigValues.MAX_PEERS
          + " addresses that end in /p2p/<peer id>, or begin with /dnsaddr"),
  DHT("dht", "--dht", "\"auto\", \"server\", \"client\" or \"off\""),
  RUNTIME_CACHE(
      "runtime-cache",
      "--runtime-cache",
      "an absolute folder, an array of at most "
          + ConfigValues.MAX_CACHES
          + " of them, or \"none\""),
  MDNS("mdns", "--mdns", "true or false"),
  QUOTA("quota", "--quota", "a size of at least \"1M\" such as \"20G\" or \"500MiB\", or \"none\""),
  UPLOAD_LIMIT("upload-limit", "--upload-limit", ConfigValues.RATES),
  DOWNLOAD_LIMIT("download-limit", "--download-limit", ConfigValues.RATES),
  UPLOAD_PER_PEER("upload-limit-per-peer", "--upload-limit-per-peer", ConfigValues.RATES),
  DOWNLOAD_PER_PEER("download-limit-per-peer", "--download-limit-per-peer", ConfigValues.RATES),
  ORIGIN_ALLOW_PRIVATE("origin.allow-private", "--allow-private-origin", "true or false"),
  REGISTRY_URL("registry.url", "--registry", "an http or https URL, or \"none\""),
  LOW_PRIORITY("low-priority", "--low-priority", "true or false"),
  GATEWAY_LISTEN(
      "gateway.listen", "--http", "an address and port such as \"127.0.0.1:7438\", or \"none\""),
  GATEWAY_PUBLIC_URL(
      "gateway.public-url", "--public-url", "an http or https URL without a query, or \"none\""),
  GATEWAY_PUSH("gateway.push", "--push", "true or false"),
  REGISTRY_PUSH_TOKEN_FILE("registry.push-token-file", "--push-token-file", "an absolute path"),
  REGISTRY_UPLOAD_AGE(
      "registry.upload-age",
      "--upload-age",
      "a duration from \"1ms\" to \"8760h\" such as \"24h\""),
  WARM_UP_IMAGES(
      "warm-up.images",
      "--warm-up",
      "an array of at most " + ConfigValues.MAX_WARM_UP + " images: hashes, task packages or tags"),
  WARM_UP_EVERY(
      "warm-up.every", "--warm-up-every", "a duration from \"1ms\" to \"8760h\" such as \"1h\""),
  WARM_UP_LIMIT("warm-up.limit", "--warm-up-limit", ConfigValues.RATES),
  PREFETCH_TIMEOUT(
      "prefetch.timeout",
      "--timeout",
      "a duration from \"1ms\" to \"8760h\" such as \"30s\", \"5m\" or \"1h\""),
  OUTPUT_JSON("output.json", "--json", "true or false"),
  OUTPUT_LEVEL("output.level", "-v, -q", "\"normal\", \"verbose\" or \"quiet\"");

  private final String path;
  private final String option;
  private final String allowed;

  ConfigKey(String path, String option, String allowed) {
    this.path = path;
    this.option = option;
    this.allowed = allowed;
  }

  /** As it is written, with dots between tables. */
  public String path() {
    return path;
  }

  /** The option that says the same for one run, and wins. */
  public String option() {
    return option;
  }

  /** What its value may be, as it is said in an error. */
  public String allowed() {
    return allowed;
  }

  static Optional<ConfigKey> of(String path) {
    return Arrays.stream(values()).filter(key -> key.path.equals(path)).findFirst();
  }

  /** Whether it is the name of a table that has keys. */
  static boolean isTable(String path) {
    return Arrays.stream(values()).anyMatch(key -> key.path.startsWith(path + "."));
  }

  static List<String> paths() {
    return Arrays.stream(values()).map(ConfigKey::path).toList();
  }
}
