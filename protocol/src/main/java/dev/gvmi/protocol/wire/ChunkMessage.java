package dev.gvmi.protocol.wire;

/** What the opener of a chunk stream sends. */
public sealed interface ChunkMessage permits ChunkAsk, ChunkCancel {
  /** The payload, without length prefix. */
  byte[] encode();

  /** Parses and checks a payload. */
  static ChunkMessage decode(byte[] payload) throws WireException {
    var message = Fields.parse(dev.gvmi.protocol.wire.proto.ChunkMessage.parser(), payload);
    return switch (message.getKindCase()) {
      case REQUEST -> ChunkAsk.of(message.getRequest());
      case CANCEL -> new ChunkCancel(message.getCancel().getId());
      case KIND_NOT_SET -> throw new WireException("neither a request nor a cancel");
    };
  }
}
