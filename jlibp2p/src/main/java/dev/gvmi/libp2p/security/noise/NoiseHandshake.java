package dev.gvmi.libp2p.security.noise;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The three messages of Noise XX for one role; {@link #split} ends it. */
final class NoiseHandshake {
  private final SymmetricState state = new SymmetricState();
  private final boolean initiator;
  private final X25519.KeyPair local;
  private final X25519.KeyPair ephemeral;
  private byte @Nullable [] remoteStatic;
  private byte @Nullable [] remoteEphemeral;
  private int step;

  NoiseHandshake(boolean initiator, byte[] prologue, X25519.KeyPair local, X25519.KeyPair ephemeral)
      throws NoiseException {
    this.initiator = initiator;
    this.local = local;
    this.ephemeral = ephemeral;
    state.mixHash(prologue);
  }

  boolean writes() {
    return step < 3 && initiator == (step != 1);
  }

  int step() {
    return step;
  }

  byte[] write(byte[] payload) throws NoiseException {
    if (!writes()) {
      throw new IllegalStateException("not this side's turn");
    }
    byte[] head = new byte[0];
    if (step < 2) {
      state.mixHash(ephemeral.point());
      head = ephemeral.point();
    }
    if (step == 1) {
      mix(ephemeral, remoteEphemeral);
    }
    if (step > 0) {
      head = X25519.join(head, state.encryptAndHash(local.point()));
      mix(local, remoteEphemeral);
    }
    step++;
    return X25519.join(head, state.encryptAndHash(payload));
  }

  byte[] read(byte[] message) throws NoiseException {
    if (step >= 3 || writes()) {
      throw new IllegalStateException("not the peer's turn");
    }
    int at = 0;
    if (step < 2) {
      remoteEphemeral = take(message, at, 32);
      at += 32;
      state.mixHash(remoteEphemeral);
    }
    if (step == 1) {
      mix(ephemeral, remoteEphemeral);
    }
    if (step > 0) {
      remoteStatic = state.decryptAndHash(take(message, at, 48));
      at += 48;
      mix(ephemeral, remoteStatic);
    }
    step++;
    return state.decryptAndHash(Arrays.copyOfRange(message, at, message.length));
  }

  byte[] remoteStatic() {
    return known(remoteStatic);
  }

  NoiseTransport split() throws NoiseException {
    if (step != 3) {
      throw new IllegalStateException("handshake is not done");
    }
    return state.split(initiator);
  }

  private void mix(X25519.KeyPair pair, byte @Nullable [] point) throws NoiseException {
    state.mixKey(X25519.agree(pair.secret(), known(point)));
  }

  private static byte[] known(byte @Nullable [] key) {
    if (key == null) {
      throw new IllegalStateException("key is not known yet");
    }
    return key;
  }

  private static byte[] take(byte[] message, int at, int size) throws NoiseException {
    if (message.length < at + size) {
      throw new NoiseException("noise: handshake message is too short");
    }
    return Arrays.copyOfRange(message, at, at + size);
  }
}
