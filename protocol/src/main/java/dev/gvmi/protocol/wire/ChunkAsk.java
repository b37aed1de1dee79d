package dev.gvmi.protocol.wire;

import com.google.protobuf.ByteString;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.ManifestId;
import dev.gvmi.protocol.wire.proto.ChunkRequest;

/**
 * Asks for {@code count} chunks from {@code first} on, at most 1 MiB.
 *
 * @param id chosen by the opener, not used again while the request is open
 */
public record ChunkAsk(long id, ManifestId manifest, int first, int count) implements ChunkMessage {
  /** Most chunks in one request. */
  public static final int MAX_COUNT = WireLimits.MAX_REQUEST_BYTES / Geometry.CHUNK_BYTES;

  @Override
  public byte[] encode() {
    return dev.gvmi.protocol.wire.proto.ChunkMessage.newBuilder()
        .setRequest(
            ChunkRequest.newBuilder()
                .setId(id)
                .setManifestId(ByteString.copyFrom(manifest.toBytes()))
                .setFirst(first)
                .setCount(count))
        .build()
        .toByteArray();
  }

  static ChunkAsk of(ChunkRequest message) throws WireException {
    ManifestId manifest =
        Fields.manifest(message.getManifestId())
            .orElseThrow(() -> new WireException("chunk request without manifest"));
    int first = Fields.chunk("first", message.getFirst());
    int count = Fields.chunks(message.getCount(), first, MAX_COUNT);
    return new ChunkAsk(message.getId(), manifest, first, count);
  }
}
