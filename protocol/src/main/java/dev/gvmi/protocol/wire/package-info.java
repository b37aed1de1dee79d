/**
 * Messages of the /gvmi/* protocols, their framing and limits. Pure. Start at {@link
 * dev.gvmi.protocol.wire.WireLimits}.
 */
@NullMarked
package dev.gvmi.protocol.wire;

import org.jspecify.annotations.NullMarked;
