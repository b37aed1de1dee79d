/**
 * The main path: from an image id to a verified image in the store. Start at {@link
 * dev.gvmi.node.fetch.Prefetcher}.
 */
@NullMarked
package dev.gvmi.node.fetch;

import org.jspecify.annotations.NullMarked;
