/**
 * Classes that work in the lanes of the machine's vectors, on a Java that has them. Start at {@link
 * dev.gvmi.protocol.vector.Vectors}.
 */
@NullMarked
package dev.gvmi.protocol.vector;

import org.jspecify.annotations.NullMarked;
