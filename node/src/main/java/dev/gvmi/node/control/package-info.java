/**
 * What a node can be asked to do by the command line, in process or through a daemon's control
 * port. Start at {@link dev.gvmi.node.control.NodeService}. The port is HTTP on loopback with a
 * token that only the user of the data directory can read; a call is one POST, its answer JSON
 * lines: progress as it comes, the result or the failure last. Imports nothing of the node.
 */
@NullMarked
package dev.gvmi.node.control;

import org.jspecify.annotations.NullMarked;
