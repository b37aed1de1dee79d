/** SHA-256 of several messages at once. Pure. Start at {@link dev.gvmi.protocol.sha256.Sha256}. */
@NullMarked
package dev.gvmi.protocol.sha256;

import org.jspecify.annotations.NullMarked;
