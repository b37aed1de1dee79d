package dev.gvmi.libp2p.security.noise;

/** The two ciphers of a finished handshake. */
record NoiseTransport(CipherState sender, CipherState receiver) {}
