package dev.gvmi.protocol.wire;

import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.wire.proto.ChunkResponse;

/**
 * Answers for one chunk of a request; with OK, {@code lengthBytes} raw bytes follow.
 *
 * @param retryMillis with BUSY: when to ask again
 */
public record ChunkAnswer(long id, int index, Status status, int lengthBytes, int retryMillis) {
  private static final int MAX_RETRY_MILLIS = 600_000;

  /** How it went. */
  public enum Status {
    OK,
    NOT_FOUND,
    BUSY,
    CANCELLED
  }

  /** The payload, without length prefix. */
  public byte[] encode() {
    return ChunkResponse.newBuilder()
        .setId(id)
        .setIndex(index)
        .setStatus(
            switch (status) {
              case OK -> ChunkResponse.Status.OK;
              case NOT_FOUND -> ChunkResponse.Status.NOT_FOUND;
              case BUSY -> ChunkResponse.Status.BUSY;
              case CANCELLED -> ChunkResponse.Status.CANCELLED;
            })
        .setLength(lengthBytes)
        .setRetryMs(retryMillis)
        .build()
        .toByteArray();
  }

  /** Parses and checks a payload. */
  public static ChunkAnswer decode(byte[] payload) throws WireException {
    ChunkResponse message = Fields.parse(ChunkResponse.parser(), payload);
    Status status =
        switch (message.getStatus()) {
          case OK -> Status.OK;
          case NOT_FOUND -> Status.NOT_FOUND;
          case BUSY -> Status.BUSY;
          case CANCELLED -> Status.CANCELLED;
          case UNRECOGNIZED -> throw new WireException("unknown status of a chunk answer");
        };
    int least = status == Status.OK ? 1 : 0;
    int most = status == Status.OK ? Geometry.CHUNK_BYTES : 0;
    return new ChunkAnswer(
        message.getId(),
        Fields.chunk("index", message.getIndex()),
        status,
        Fields.number("length", message.getLength(), least, most),
        Fields.number("retry", message.getRetryMs(), 0, MAX_RETRY_MILLIS));
  }
}
