/**
 * Verified images in the Golem runtime's own cache, where the exe-unit finds them instead of
 * downloading. Start at {@link dev.gvmi.node.runtime.RuntimeCache}.
 */
@NullMarked
package dev.gvmi.node.runtime;

import org.jspecify.annotations.NullMarked;
