package dev.gvmi.protocol.wire;

import dev.gvmi.protocol.wire.proto.ChunkMessage;

/** Tells that the rest of a request is not needed any more. */
public record ChunkCancel(long id) implements dev.gvmi.protocol.wire.ChunkMessage {
  @Override
  public byte[] encode() {
    return ChunkMessage.newBuilder()
        .setCancel(dev.gvmi.protocol.wire.proto.ChunkCancel.newBuilder().setId(id))
        .build()
        .toByteArray();
  }
}
