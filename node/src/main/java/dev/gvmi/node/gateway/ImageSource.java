package dev.gvmi.node.gateway;

import dev.gvmi.node.fetch.FetchOutcome;
import dev.gvmi.node.fetch.ProgressSink;
import dev.gvmi.node.fetch.ReadPosition;
import dev.gvmi.node.origin.OriginUrl;
import dev.gvmi.protocol.image.ImageId;
import java.util.Optional;

/** Where images come from that are not held. */
@FunctionalInterface
public interface ImageSource {
  /**
   * Fetches an image into the store; one fetch at a time for an image, whoever asks.
   *
   * @param origin where it is to be had if no peer has it; as the client said, not checked
   * @param reader where what comes is read
   * @param sink is told of what arrives, in the order in which it is tried
   */
  FetchOutcome fetch(
      ImageId image, Optional<OriginUrl> origin, ReadPosition reader, ProgressSink sink)
      throws InterruptedException;
}
