/**
 * What images have in common: delta indexes are made in the background ({@link
 * dev.gvmi.node.delta.DeltaMaker}), and what of an image lies in others that are held is found by
 * them (start at {@link dev.gvmi.node.delta.HeldSpans}). Sees the store's interfaces and the spans
 * of the protocol; copying itself is part of a fetch.
 */
@NullMarked
package dev.gvmi.node.delta;

import org.jspecify.annotations.NullMarked;
