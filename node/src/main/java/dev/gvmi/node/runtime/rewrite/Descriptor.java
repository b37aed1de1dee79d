package dev.gvmi.node.runtime.rewrite;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * A descriptor of runtimes ({@code ya-*.json}), as far as those for VM images are concerned: the
 * {@code vm} one and its kin, such as {@code vm-nvidia}. Immutable.
 *
 * <p><b>Source:</b> yagna v0.17.6, agent/provider/src/execution/registry.rs: an array of objects
 * with {@code name} and {@code supervisor-path}.
 */
public final class Descriptor {
  /** Of a descriptor, in bytes. */
  public static final int MAX_DESCRIPTOR_BYTES = 1 << 20;

  private static final Pattern SUPERVISOR = Pattern.compile("[0-9]+\\.supervisor-path");

  private final JsonText document;
  private final List<JsonText.Text> supervisors;

  private Descriptor(JsonText document, List<JsonText.Text> supervisors) {
    this.document = document;
    this.supervisors = supervisors;
  }

  /**
   * Empty if no runtime in it is for VM images; refused if it is odd, or if those in it have
   * different supervisors.
   */
  public static Optional<Descriptor> parse(byte[] bytes) throws InvalidDocumentException {
    if (bytes.length > MAX_DESCRIPTOR_BYTES) {
      throw new InvalidDocumentException("it has more than " + MAX_DESCRIPTOR_BYTES + " bytes");
    }
    JsonText document = JsonText.parse(bytes, path -> SUPERVISOR.matcher(path).matches());
    JsonNode root = document.tree();
    if (!root.isArray()) {
      throw new InvalidDocumentException("it is no array of runtimes");
    }
    List<JsonText.Text> found = new ArrayList<>();
    for (int i = 0; i < root.size(); i++) {
      if (isForImages(root.path(i))) {
        found.add(supervisor(document, i));
      }
    }
    if (new HashSet<>(found.stream().map(JsonText.Text::value).toList()).size() > 1) {
      throw new InvalidDocumentException("its runtimes have different supervisors");
    }
    return found.isEmpty() ? Optional.empty() : Optional.of(new Descriptor(document, found));
  }

  private static JsonText.Text supervisor(JsonText document, int index)
      throws InvalidDocumentException {
    List<JsonText.Text> found = document.at(index + ".supervisor-path");
    if (found.size() != 1 || found.getFirst().value().isEmpty()) {
      throw new InvalidDocumentException("runtime " + index + " has no supervisor-path");
    }
    if (found.getFirst().value().indexOf('\0') >= 0) {
      throw new InvalidDocumentException("the supervisor-path of runtime " + index + " is no path");
    }
    return found.getFirst();
  }

  private static boolean isForImages(JsonNode runtime) {
    String name = runtime.path("name").asString("");
    return name.equals("vm") || name.startsWith("vm-");
  }

  /** As it stands there: a path, perhaps relative to the descriptor's folder. */
  public String supervisor() {
    return supervisors.getFirst().value();
  }

  /** The descriptor with another supervisor for these runtimes. */
  public byte[] withSupervisor(String path) {
    return document.with(supervisors, path);
  }
}
