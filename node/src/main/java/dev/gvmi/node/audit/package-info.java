/**
 * Reads held images again, all of their bytes, and finds which chunks are damaged. Start at {@link
 * dev.gvmi.node.audit.ImageAuditor}. It changes nothing: what follows from its findings is done by
 * the store and the caller. Sees the store's interfaces and the verifier of the protocol.
 */
@NullMarked
package dev.gvmi.node.audit;

import org.jspecify.annotations.NullMarked;
