package dev.gvmi.node.origin;

import dev.gvmi.protocol.image.ImageId;
import dev.gvmi.protocol.image.ImageRef;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * The registry of images, which knows where each is to be had.
 *
 * <p><b>Thread:</b> any; calls block.
 *
 * <p><b>Errors:</b> {@link OriginException}: there is no such image, or no answer.
 */
public final class Registry {
  private final OriginClient client;
  private final OriginClient elsewhere;
  private final OriginUrl url;

  /**
   * A registry.
   *
   * @param client under rules that suit the user, who chose the registry
   * @param elsewhere under those for the hosts that the registry redirects to
   */
  public Registry(OriginClient client, OriginClient elsewhere, OriginUrl url) {
    this.client = client;
    this.elsewhere = elsewhere;
    this.url = url;
  }

  public OriginUrl url() {
    return url;
  }

  /** What image a tag means now. */
  public RegistryAnswer resolve(ImageRef.Tag tag) throws IOException {
    return ask("tag=" + encoded(tag.user() + "/" + tag.repository() + ":" + tag.tag()));
  }

  /** Where an image is to be had. */
  public RegistryAnswer resolve(ImageId image) throws IOException {
    RegistryAnswer answer = ask("hash=" + image.hex());
    if (!answer.image().equals(image)) {
      throw new OriginException(OriginException.Kind.LASTING, "its answer is about another image");
    }
    return answer;
  }

  private RegistryAnswer ask(String query) throws IOException {
    String base = url.uri().toString().replaceAll("/+$", "");
    OriginUrl question = OriginUrl.parse(base + "/v1/image/info?" + query + "&count=true");
    byte[] answer = client.get(question, elsewhere);
    try {
      return RegistryAnswer.parse(answer);
    } catch (IllegalArgumentException e) {
      throw new OriginException(OriginException.Kind.LASTING, String.valueOf(e.getMessage()), e);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
