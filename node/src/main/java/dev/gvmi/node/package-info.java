/**
 * The node as a whole: what it is made from, how it starts and stops, and where its parts are put
 * together. Start at {@link dev.gvmi.node.Node}; how the command line reaches one is in {@link
 * dev.gvmi.node.NodeServices}. The only package of the module that constructs the others'
 * implementations.
 */
@NullMarked
package dev.gvmi.node;

import org.jspecify.annotations.NullMarked;
