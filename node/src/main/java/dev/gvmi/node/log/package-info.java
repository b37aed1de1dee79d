/**
 * Messages for the operator of a daemon, one line each. Start at {@link dev.gvmi.node.log.NodeLog}.
 * Imports nothing of the node.
 */
@NullMarked
package dev.gvmi.node.log;

import org.jspecify.annotations.NullMarked;
