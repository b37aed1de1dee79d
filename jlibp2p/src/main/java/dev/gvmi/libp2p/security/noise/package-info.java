/**
 * The libp2p Noise channel, {@code Noise_XX_25519_ChaChaPoly_SHA256}. Start at {@link
 * NoiseSecurity}.
 */
@NullMarked
package dev.gvmi.libp2p.security.noise;

import org.jspecify.annotations.NullMarked;
