package dev.gvmi.node.transfer;

import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.protocol.image.ImageId;
import java.util.List;

/** Which other holders of an image a peer is told of. <b>Thread:</b> any. */
@FunctionalInterface
public interface KnownHolders {
  KnownHolders NONE = (image, asking) -> List.of();

  /**
   * Signed peer records, at most 16 of at most 2 KiB; that of the asking peer is not among them.
   */
  List<byte[]> of(ImageId image, PeerId asking);
}
