/**
 * Turns claims into facts: chunks by SHA-256, the image by its full SHA3. Pure. Start at {@link
 * dev.gvmi.protocol.verify.ImageVerifier}.
 */
@NullMarked
package dev.gvmi.protocol.verify;

import org.jspecify.annotations.NullMarked;
