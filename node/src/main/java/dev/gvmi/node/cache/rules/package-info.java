/**
 * What fits within the quota, and what is evicted for it: pure functions of what is held, what is
 * reserved and what is wanted. Start at {@link dev.gvmi.node.cache.rules.Admission}. Imports the
 * ids of images and nothing else of ours.
 */
@NullMarked
package dev.gvmi.node.cache.rules;

import org.jspecify.annotations.NullMarked;
