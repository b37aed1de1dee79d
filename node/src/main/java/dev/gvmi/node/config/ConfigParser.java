package dev.gvmi.node.config;

import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.node.config.Settings.OutputLevel;
import dev.gvmi.node.discovery.DhtRole;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * Reads a configuration file and finds all that is wrong with it. Pure. <b>Thread:</b> runs on one.
 */
final class ConfigParser {
  private final Path file;
  private final List<String> problems = new ArrayList<>();
  private final Map<ConfigKey, Integer> lines = new EnumMap<>(ConfigKey.class);
  private final Map<ConfigKey, Object> values = new EnumMap<>(ConfigKey.class);

  private ConfigParser(Path file) {
    this.file = file;
  }

  /**
   * Parses what a file has.
   *
   * @param file its name, for messages
   */
  static ConfigFile parse(Path file, byte[] bytes) throws InvalidConfigException {
    ConfigParser parser = new ConfigParser(file);
    TomlParseResult toml = Toml.parse(parser.decode(bytes));
    toml.errors()
        .forEach(error -> parser.problem(error.position(), String.valueOf(error.getMessage())));
    if (parser.problems.isEmpty()) {
      parser.table(toml, "");
    }
    if (!parser.problems.isEmpty()) {
      throw new InvalidConfigException(parser.problems);
    }
    return new ConfigFile(file, parser.settings(), parser.lines);
  }

  private String decode(byte[] bytes) throws InvalidConfigException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidConfigException(file + ": it is no UTF-8 text");
    }
  }

  private void table(TomlTable table, String prefix) {
    for (String name : table.keySet()) {
      List<String> key = List.of(name);
      String path = prefix + name;
      TomlPosition position = position(table.inputPositionOf(key));
      Object value = table.get(key);
      ConfigKey known = ConfigKey.of(path).orElse(null);
      if (known != null && value != null) {
        lines.put(known, position.line());
        value(known, value, position);
      } else if (ConfigKey.isTable(path)) {
        if (value instanceof TomlTable inner) {
          table(inner, path + ".");
        } else {
          problem(position, "'" + path + "' is a table: write [" + path + "]");
        }
      } else {
        problem(position, unknown(path));
      }
    }
  }

  private static TomlPosition position(@Nullable TomlPosition known) {
    return known == null ? TomlPosition.positionAt(1, 1) : known;
  }

  private static String unknown(String path) {
    String near = NearMiss.of(path, ConfigKey.paths());
    return "unknown key '"
        + path.replaceAll("\\p{Cntrl}", "?")
        + "'"
        + (near == null ? "" : ", did you mean '" + near + "'?")
        + "; allowed: "
        + String.join(", ", ConfigKey.paths());
  }

  private void value(ConfigKey key, Object value, TomlPosition position) {
    switch (key) {
      case LISTEN -> list(key, value, position, 1, ConfigValues.MAX_LISTEN, ConfigValues::address);
      case PEERS -> list(key, value, position, 0, ConfigValues.MAX_PEERS, ConfigValues::peer);
      case BOOTSTRAP ->
          list(key, value, position, 0, ConfigValues.MAX_PEERS, ConfigValues::bootstrap);
      case DHT -> text(key, value, position, ConfigValues::dht);
      case RUNTIME_CACHE -> caches(key, value, position);
      case QUOTA -> text(key, value, position, ConfigValues::size);
      case UPLOAD_LIMIT, DOWNLOAD_LIMIT, UPLOAD_PER_PEER, DOWNLOAD_PER_PEER, WARM_UP_LIMIT ->
          text(key, value, position, ConfigValues::rate);
      case GATEWAY_LISTEN -> text(key, value, position, HttpAddress::checked);
      case WARM_UP_IMAGES ->
          list(key, value, position, 0, ConfigValues.MAX_WARM_UP, ConfigValues::image);
      case PREFETCH_TIMEOUT, REGISTRY_UPLOAD_AGE, WARM_UP_EVERY ->
          text(key, value, position, ConfigValues::duration);
      case OUTPUT_LEVEL -> text(key, value, position, ConfigParser::level);
      case REGISTRY_URL -> text(key, value, position, ConfigValues::registry);
      case GATEWAY_PUBLIC_URL -> text(key, value, position, ConfigValues::publicUrl);
      case REGISTRY_PUSH_TOKEN_FILE -> text(key, value, position, ConfigValues::file);
      case MDNS, GATEWAY_PUSH, OUTPUT_JSON, LOW_PRIORITY, ORIGIN_ALLOW_PRIVATE ->
          flag(key, value, position);
    }
  }

  private void flag(ConfigKey key, Object value, TomlPosition position) {
    if (value instanceof Boolean) {
      values.put(key, value);
    } else {
      wrongType(key, value, position);
    }
  }

  private static OutputLevel level(String text) {
    return Arrays.stream(OutputLevel.values())
        .filter(level -> level.name().toLowerCase(Locale.ROOT).equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is no level"));
  }

  private void text(
      ConfigKey key, Object value, TomlPosition position, Function<String, Object> form) {
    if (!(value instanceof String text)) {
      wrongType(key, value, position);
      return;
    }
    try {
      values.put(key, form.apply(text));
    } catch (IllegalArgumentException e) {
      problem(position, notAllowed(key, String.valueOf(e.getMessage())));
    }
  }

  private void list(
      ConfigKey key,
      Object value,
      TomlPosition position,
      int least,
      int most,
      Function<String, ?> form) {
    if (!(value instanceof TomlArray array)) {
      wrongType(key, value, position);
      return;
    }
    if (array.size() < least || array.size() > most) {
      problem(position, notAllowed(key, "it has " + array.size() + " entries"));
      return;
    }
    List<Object> entries = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      TomlPosition at = position(array.inputPositionOf(i));
      if (array.get(i) instanceof String text) {
        try {
          entries.add(form.apply(text));
        } catch (IllegalArgumentException e) {
          problem(at, notAllowed(key, String.valueOf(e.getMessage())));
        }
      } else {
        wrongType(key, Objects.requireNonNull(array.get(i)), at);
      }
    }
    values.put(key, entries);
  }

  /** One, or several of which none is "none". */
  private void caches(ConfigKey key, Object value, TomlPosition position) {
    if (!(value instanceof TomlArray array)) {
      text(key, value, position, text -> List.of(ConfigValues.runtimeCache(text)));
      return;
    }
    List<String> folders = new ArrayList<>();
    for (Object entry : array.toList()) {
      if (!(entry instanceof String text)) {
        wrongType(key, entry, position);
        return;
      }
      folders.add(text);
    }
    if (folders.isEmpty()
        || folders.size() > ConfigValues.MAX_CACHES
        || folders.contains(ConfigValues.NO_CACHE)) {
      problem(
          position,
          notAllowed(key, "it has " + folders.size() + " entries, or \"none\" in an array"));
      return;
    }
    try {
      values.put(key, folders.stream().map(ConfigValues::runtimeCache).toList());
    } catch (IllegalArgumentException e) {
      problem(position, notAllowed(key, String.valueOf(e.getMessage())));
    }
  }

  private @Nullable List<String> strings(ConfigKey key) {
    Object known = values.get(key);
    return known == null ? null : ((List<?>) known).stream().map(String.class::cast).toList();
  }

  private void wrongType(ConfigKey key, Object value, TomlPosition position) {
    String is =
        switch (value) {
          case String text -> "it is a string";
          case Long number -> "it is a number";
          case Double number -> "it is a number";
          case Boolean flag -> "it is a boolean";
          case TomlArray array -> "it is an array";
          case TomlTable table -> "it is a table";
          default -> "it is a date or time";
        };
    problem(position, notAllowed(key, is));
  }

  private static String notAllowed(ConfigKey key, String why) {
    return "'" + key.path() + "': " + why + "; allowed: " + key.allowed();
  }

  private void problem(TomlPosition position, String text) {
    problems.add(
        file
            + ":"
            + position.line()
            + ":"
            + position.column()
            + ": "
            + text.replaceAll("\\R", " "));
  }

  private Settings settings() {
    return new Settings(
        addresses(ConfigKey.LISTEN),
        addresses(ConfigKey.PEERS),
        addresses(ConfigKey.BOOTSTRAP),
        (DhtRole) values.get(ConfigKey.DHT),
        strings(ConfigKey.RUNTIME_CACHE),
        (Boolean) values.get(ConfigKey.MDNS),
        (Long) values.get(ConfigKey.QUOTA),
        (Long) values.get(ConfigKey.UPLOAD_LIMIT),
        (Long) values.get(ConfigKey.DOWNLOAD_LIMIT),
        (Long) values.get(ConfigKey.UPLOAD_PER_PEER),
        (Long) values.get(ConfigKey.DOWNLOAD_PER_PEER),
        (Boolean) values.get(ConfigKey.ORIGIN_ALLOW_PRIVATE),
        (String) values.get(ConfigKey.REGISTRY_URL),
        (Boolean) values.get(ConfigKey.LOW_PRIORITY),
        (String) values.get(ConfigKey.GATEWAY_LISTEN),
        (String) values.get(ConfigKey.GATEWAY_PUBLIC_URL),
        (Boolean) values.get(ConfigKey.GATEWAY_PUSH),
        (Path) values.get(ConfigKey.REGISTRY_PUSH_TOKEN_FILE),
        (Duration) values.get(ConfigKey.REGISTRY_UPLOAD_AGE),
        strings(ConfigKey.WARM_UP_IMAGES),
        (Duration) values.get(ConfigKey.WARM_UP_EVERY),
        (Long) values.get(ConfigKey.WARM_UP_LIMIT),
        (Duration) values.get(ConfigKey.PREFETCH_TIMEOUT),
        (Boolean) values.get(ConfigKey.OUTPUT_JSON),
        (OutputLevel) values.get(ConfigKey.OUTPUT_LEVEL));
  }

  private @Nullable List<Multiaddr> addresses(ConfigKey key) {
    Object known = values.get(key);
    return known == null ? null : ((List<?>) known).stream().map(Multiaddr.class::cast).toList();
  }
}
