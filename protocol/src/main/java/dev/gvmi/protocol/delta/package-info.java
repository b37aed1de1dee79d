/**
 * Which bytes of an image other images have, too: spans whose boundaries follow from the bytes
 * around them, and the list of an image's spans. A hint: nothing is ever accepted because of it.
 * Pure. Start at {@link dev.gvmi.protocol.delta.DeltaIndex}.
 */
@NullMarked
package dev.gvmi.protocol.delta;

import org.jspecify.annotations.NullMarked;
