/**
 * What the hook beside the Golem runtime changes, as bytes in and bytes out: the runtime's
 * descriptor, the agreement, the manifest in it, and the text of the wrapper. Only the one value
 * that is meant changes; every other byte is what it was. Pure: no I/O, clock, threads. Start at
 * {@link dev.gvmi.node.runtime.rewrite.AgreementRewriter}; who reads and writes the files is {@code
 * node.runtime.hook}.
 */
@NullMarked
package dev.gvmi.node.runtime.rewrite;

import org.jspecify.annotations.NullMarked;
