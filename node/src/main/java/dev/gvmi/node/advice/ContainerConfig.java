package dev.gvmi.node.advice;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a container of an image is to be run: the JSON of the trailer, which has the keys of Docker's
 * ContainerConfig.
 *
 * @param env {@code K=V} each
 * @param user {@code uid:gid} in digits, or whatever the source says; empty for root
 * @param volumes absolute paths
 * @param ports such as {@code 80/tcp}
 * @param image hex digits of the source's image id, or empty
 * @param architecture where the source says another than amd64, else empty
 */
public record ContainerConfig(
    List<String> env,
    List<String> cmd,
    List<String> entrypoint,
    String workingDir,
    String user,
    SortedSet<String> volumes,
    SortedSet<String> ports,
    String image,
    String architecture) {
  public ContainerConfig {
    env = List.copyOf(env);
    cmd = List.copyOf(cmd);
    entrypoint = List.copyOf(entrypoint);
    volumes = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(volumes));
    ports = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(ports));
  }

  /**
   * Reads a trailer, or the {@code config} of an OCI image configuration; what has another form
   * than it should is left out.
   */
  public static ContainerConfig of(JsonNode json) {
    return new ContainerConfig(
        strings(json.path("Env")),
        strings(json.path("Cmd")),
        strings(json.path("Entrypoint")),
        json.path("WorkingDir").asString(""),
        json.path("User").asString(""),
        keys(json.path("Volumes")),
        keys(json.path("ExposedPorts")),
        json.path("Image").asString(""),
        json.path("Architecture").asString(""));
  }

  private static List<String> strings(JsonNode array) {
    List<String> all = new ArrayList<>();
    for (JsonNode element : array) {
      if (array.isArray() && element.isString()) {
        all.add(element.asString());
      }
    }
    return all;
  }

  private static SortedSet<String> keys(JsonNode object) {
    return new TreeSet<>(object.isObject() ? object.propertyNames() : List.of());
  }

  /** What is run when nothing else is said. */
  public List<String> command() {
    List<String> all = new ArrayList<>(entrypoint);
    all.addAll(cmd);
    return all;
  }

  /** With variables added, or replaced where they are. */
  public ContainerConfig withEnv(List<String> more) {
    Map<String, String> all = new LinkedHashMap<>();
    for (String variable : env) {
      all.put(key(variable), variable);
    }
    for (String variable : more) {
      all.put(key(variable), variable);
    }
    return new ContainerConfig(
        List.copyOf(all.values()),
        cmd,
        entrypoint,
        workingDir,
        user,
        volumes,
        ports,
        image,
        architecture);
  }

  private static String key(String variable) {
    int equals = variable.indexOf('=');
    return equals < 0 ? variable : variable.substring(0, equals);
  }

  public ContainerConfig withVolumes(List<String> more) {
    SortedSet<String> all = new TreeSet<>(volumes);
    all.addAll(more);
    return new ContainerConfig(
        env, cmd, entrypoint, workingDir, user, all, ports, image, architecture);
  }

  public ContainerConfig withWorkingDir(String folder) {
    return new ContainerConfig(
        env, cmd, entrypoint, folder, user, volumes, ports, image, architecture);
  }

  /** With another entrypoint, and as Docker does, no command of before behind it. */
  public ContainerConfig withEntrypoint(List<String> words) {
    return new ContainerConfig(
        env, List.of(), words, workingDir, user, volumes, ports, image, architecture);
  }

  public ContainerConfig withImage(String id, String foreignArchitecture) {
    return new ContainerConfig(
        env, cmd, entrypoint, workingDir, user, volumes, ports, id, foreignArchitecture);
  }

  /** The text of the trailer: always the same for the same configuration. */
  public String json() {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("User", user);
    object(json, "ExposedPorts", ports);
    array(json, "Env", env);
    array(json, "Cmd", cmd);
    json.put("Image", image);
    object(json, "Volumes", volumes);
    json.put("WorkingDir", workingDir);
    array(json, "Entrypoint", entrypoint);
    if (!architecture.isEmpty()) {
      json.put("Architecture", architecture);
    }
    return JsonMapper.shared().writeValueAsString(json);
  }

  private static void array(ObjectNode json, String key, List<String> values) {
    if (values.isEmpty()) {
      json.putNull(key);
    } else {
      var array = json.putArray(key);
      values.forEach(array::add);
    }
  }

  private static void object(ObjectNode json, String key, SortedSet<String> keys) {
    if (!keys.isEmpty()) {
      ObjectNode object = json.putObject(key);
      keys.forEach(object::putObject);
    }
  }
}
