/**
 * The registry face of a node: images pushed in chunks by the clients of Golem's registry, tags
 * that point to them, and the addresses at which images are to be had. It speaks no HTTP: {@code
 * node.gateway} brings what a request says, and takes away a {@link dev.gvmi.node.registry.Reply}.
 * Start at {@link dev.gvmi.node.registry.RegistryFace}, then {@link
 * dev.gvmi.node.registry.Uploads}. Sees the store, the cache's space, publishing and the upstream
 * registry.
 */
@NullMarked
package dev.gvmi.node.registry;

import org.jspecify.annotations.NullMarked;
