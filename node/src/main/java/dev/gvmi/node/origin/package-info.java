/**
 * Images over HTTP: the URL of a task package, and what the registry knows. All of it comes from
 * strangers: addresses are checked where they are connected to, lengths are not believed. Imports
 * nothing of the node but {@code rate}. Start at {@link dev.gvmi.node.origin.OriginClient}.
 */
@NullMarked
package dev.gvmi.node.origin;

import org.jspecify.annotations.NullMarked;
