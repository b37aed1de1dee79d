/**
 * Images that are wanted before a task asks for them. Start at {@link dev.gvmi.node.warmup.WarmUp},
 * which brings them one after the other; when which is looked at is decided by {@link
 * dev.gvmi.node.warmup.WarmUpPlan}, pure and in virtual time.
 */
@NullMarked
package dev.gvmi.node.warmup;

import org.jspecify.annotations.NullMarked;
