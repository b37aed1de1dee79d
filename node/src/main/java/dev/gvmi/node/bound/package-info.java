/**
 * Maps that forget, so that nobody outside makes them grow. Start at {@link
 * dev.gvmi.node.bound.BoundedMap}. Imports nothing of ours.
 */
@NullMarked
package dev.gvmi.node.bound;

import org.jspecify.annotations.NullMarked;
