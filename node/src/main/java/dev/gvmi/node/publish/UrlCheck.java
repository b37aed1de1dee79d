package dev.gvmi.node.publish;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** Asks the address of a task package, by HEAD, whether the image is there. */
public final class UrlCheck {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private UrlCheck() {}

  /**
   * What is wrong with the address, in one line; empty if it has a file of this length.
   *
   * @throws InterruptedException if the caller was interrupted
   */
  public static Optional<String> problem(String url, long sizeBytes) throws InterruptedException {
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      return Optional.of(url + " is no address");
    }
    try (HttpClient http =
        HttpClient.newBuilder()
            .connectTimeout(LIMIT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()) {
      HttpResponse<Void> answer =
          http.send(
              HttpRequest.newBuilder(uri).HEAD().timeout(LIMIT).build(),
              HttpResponse.BodyHandlers.discarding());
      return judge(url, sizeBytes, answer);
    } catch (IOException e) {
      return Optional.of(
          url
              + " cannot be reached: "
              + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
    } catch (IllegalArgumentException e) {
      return Optional.of(url + " is no http or https address");
    }
  }

  private static Optional<String> judge(String url, long sizeBytes, HttpResponse<Void> answer) {
    if (answer.statusCode() != 200) {
      return Optional.of(url + " answers with status " + answer.statusCode());
    }
    OptionalLong length = answer.headers().firstValueAsLong("Content-Length");
    return length.isPresent() && length.getAsLong() != sizeBytes
        ? Optional.of(url + " has " + length.getAsLong() + " bytes, the image has " + sizeBytes)
        : Optional.empty();
  }
}
