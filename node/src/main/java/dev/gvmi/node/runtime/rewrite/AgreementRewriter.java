package dev.gvmi.node.runtime.rewrite;

import dev.gvmi.protocol.image.CacheName;
import dev.gvmi.protocol.image.ImageRef;
import dev.gvmi.protocol.image.ImageRef.TaskPackage;
import dev.gvmi.protocol.image.InvalidImageRefException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Makes the copy of an agreement that leads the exe-unit to the local gateway: the same but for the
 * URL of the image, which keeps its last segment, so that the file in the runtime's cache has the
 * same name.
 *
 * <p>An agreement has the image in a task package, or in a manifest, which wins where it has a
 * payload. Keys may be nested or dotted; a key that has a value and children has the value in
 * {@code @tag}. What can be read in two ways, or is not understood, is left alone: the exe-unit
 * then does what it would have done.
 *
 * <p><b>Source:</b> yagna v0.17.6, agent/provider/src/execution/task_runner.rs,
 * exe-unit/src/{lib,manifest}.rs, exe-unit/components/transfer/src/location.rs.
 */
public final class AgreementRewriter {
  /** Of an agreement, in bytes; a manifest in it is smaller. */
  public static final int MAX_AGREEMENT_BYTES = 1 << 20;

  private static final String COMPONENT = "demand.properties.golem.srv.comp.";
  private static final String TAG = ".@tag";
  private static final String TASK_PACKAGE = COMPONENT + "task_package";
  private static final String PAYLOAD = COMPONENT + "payload";
  private static final Set<String> WANTED = Set.of(TASK_PACKAGE, PAYLOAD, PAYLOAD + TAG);
  private static final Pattern HTTP = Pattern.compile("(?i)https?:.*", Pattern.DOTALL);

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private AgreementRewriter() {}

  /**
   * The copy; empty if there is nothing to change: an image that does not come by HTTP, or an odd
   * agreement.
   *
   * @param gateway host and port of the gateway, as they stand in a URL
   */
  public static Optional<byte[]> rewrite(byte[] agreement, String gateway) {
    if (agreement.length > MAX_AGREEMENT_BYTES) {
      return Optional.empty();
    }
    try {
      JsonText document = JsonText.parse(agreement, WANTED::contains);
      List<JsonText.Text> tagged = document.at(PAYLOAD + TAG);
      List<JsonText.Text> plain = document.at(PAYLOAD);
      List<JsonText.Text> packages = document.at(TASK_PACKAGE);
      if (tagged.size() + plain.size() > 1 || packages.size() > 1) {
        return Optional.empty();
      }
      Optional<ManifestPayload> manifest = manifest(tagged.isEmpty() ? plain : tagged);
      if (manifest.isPresent()) {
        List<JsonText.Text> place = tagged.isEmpty() ? plain : tagged;
        return atGateway(manifest.get().taskPackage(), gateway)
            .map(task -> document.with(place, manifest.get().with(url(task))));
      }
      return packages.isEmpty()
          ? Optional.empty()
          : atGateway(packages.getFirst().value(), gateway)
              .map(task -> document.with(packages, task));
    } catch (InvalidDocumentException e) {
      return Optional.empty();
    }
  }

  /** One that has a payload, so that it counts. */
  private static Optional<ManifestPayload> manifest(List<JsonText.Text> places)
      throws InvalidDocumentException {
    return places.isEmpty()
        ? Optional.empty()
        : Optional.of(ManifestPayload.parse(places.getFirst().value()))
            .filter(ManifestPayload::hasPayload);
  }

  /** The task package with the gateway's URL of the same image. */
  static Optional<String> atGateway(String text, String gateway) {
    try {
      String trimmed = text.trim();
      if (!(ImageRef.parse(trimmed) instanceof TaskPackage task)
          || !trimmed.endsWith(task.url())
          || !HTTP.matcher(task.url()).matches()
          || task.lastSegment().isEmpty()) {
        return Optional.empty();
      }
      String url =
          "http://"
              + gateway
              + "/fetch/"
              + task.image().hex()
              + "/"
              + percentEncoded(task.lastSegment().get())
              + "?origin="
              + percentEncoded(task.url());
      String changed = trimmed.substring(0, trimmed.length() - task.url().length()) + url;
      return Optional.of(changed).filter(candidate -> isSameFile(candidate, task));
    } catch (InvalidImageRefException e) {
      return Optional.empty();
    }
  }

  private static boolean isSameFile(String changed, TaskPackage task) {
    return ImageRef.parse(changed) instanceof TaskPackage other
        && other.image().equals(task.image())
        && CacheName.of(other).equals(CacheName.of(task));
  }

  private static String url(String taskPackage) {
    return ((TaskPackage) ImageRef.parse(taskPackage)).url();
  }

  /** All but the unreserved characters of RFC 3986. */
  private static String percentEncoded(String text) {
    StringBuilder out = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (c < 0x80 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0)) {
        out.append(c);
      } else {
        out.append('%').append(HEX.toHexDigits(b));
      }
    }
    return out.toString();
  }
}
