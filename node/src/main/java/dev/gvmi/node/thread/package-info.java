/** What all threads of the node need. Imports nothing of ours. */
@NullMarked
package dev.gvmi.node.thread;

import org.jspecify.annotations.NullMarked;
