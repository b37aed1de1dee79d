/**
 * Keeps what is held within the quota: room is reserved before anything is fetched or imported, and
 * images are evicted for it. What is decided is in {@code cache.rules}; here is who asks and who
 * acts. Start at {@link dev.gvmi.node.cache.CacheKeeper}; others know {@link
 * dev.gvmi.node.cache.Space} only. What is held, and how an image is evicted, is given to it.
 */
@NullMarked
package dev.gvmi.node.cache;

import org.jspecify.annotations.NullMarked;
