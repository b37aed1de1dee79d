/**
 * The hook beside the Golem runtime, for images that were not prefetched: a wrapper in the place of
 * the exe-unit asks this node for an agreement whose image comes through the gateway. Start at
 * {@link dev.gvmi.node.runtime.hook.RuntimeHook} for how it is put in place, and at {@link
 * dev.gvmi.node.runtime.hook.HookWatcher} for how a daemon answers; what is changed in the files is
 * in {@code node.runtime.rewrite}.
 */
@NullMarked
package dev.gvmi.node.runtime.hook;

import org.jspecify.annotations.NullMarked;
