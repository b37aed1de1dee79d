package dev.gvmi.libp2p.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.gvmi.libp2p.multiformats.Varint;
import dev.gvmi.libp2p.proto.EnvelopeMessage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A payload with its type and the signature of a peer, checked when read. Immutable.
 *
 * <p><b>Source:</b> libp2p specification, RFC 0002.
 */
public final class SignedEnvelope {
  private static final int MAX_BYTES = 64 * 1024;

  private final PublicKey signer;
  private final EnvelopeMessage message;

  private SignedEnvelope(PublicKey signer, EnvelopeMessage message) {
    this.signer = signer;
    this.message = message;
  }

  /** Signs {@code payload} for one domain. */
  public static SignedEnvelope sign(HostKey key, String domain, byte[] type, byte[] payload) {
    EnvelopeMessage message =
        EnvelopeMessage.newBuilder()
            .setPublicKey(ByteString.copyFrom(key.publicKey().toProtobuf()))
            .setPayloadType(ByteString.copyFrom(type))
            .setPayload(ByteString.copyFrom(payload))
            .setSignature(ByteString.copyFrom(key.sign(signedBytes(domain, type, payload))))
            .build();
    return new SignedEnvelope(key.publicKey(), message);
  }

  /** Reads and verifies; {@link IllegalArgumentException} if malformed or not signed by its key. */
  public static SignedEnvelope open(byte[] bytes, String domain) {
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException("envelope of " + bytes.length + " bytes");
    }
    try {
      EnvelopeMessage message = EnvelopeMessage.parseFrom(bytes);
      PublicKey signer = PublicKey.fromProtobuf(message.getPublicKey().toByteArray());
      byte[] signed =
          signedBytes(
              domain, message.getPayloadType().toByteArray(), message.getPayload().toByteArray());
      if (!signer.verify(signed, message.getSignature().toByteArray())) {
        throw new IllegalArgumentException("envelope with a wrong signature");
      }
      return new SignedEnvelope(signer, message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("malformed envelope", e);
    }
  }

  public PublicKey signer() {
    return signer;
  }

  public byte[] payloadType() {
    return message.getPayloadType().toByteArray();
  }

  public byte[] payload() {
    return message.getPayload().toByteArray();
  }

  public byte[] toBytes() {
    return message.toByteArray();
  }

  private static byte[] signedBytes(String domain, byte[] type, byte[] payload) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : new byte[][] {domain.getBytes(StandardCharsets.UTF_8), type, payload}) {
      out.writeBytes(Varint.encode(part.length));
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
