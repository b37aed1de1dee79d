/**
 * Length-prefixed messages on a byte stream. Start at {@link
 * dev.gvmi.libp2p.framing.LengthPrefixed}.
 */
@NullMarked
package dev.gvmi.libp2p.framing;

import org.jspecify.annotations.NullMarked;
