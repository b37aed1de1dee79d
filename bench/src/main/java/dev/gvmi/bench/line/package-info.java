/**
 * A long, thin line between two network namespaces: packets go from one TUN device to another, late
 * and at a rate; start at {@link dev.gvmi.bench.line.ThinLine}.
 */
@NullMarked
package dev.gvmi.bench.line;

import org.jspecify.annotations.NullMarked;
