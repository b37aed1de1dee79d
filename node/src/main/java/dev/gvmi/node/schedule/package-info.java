/**
 * Which chunk is asked of which peer, and when: pure decisions. Start at {@link
 * dev.gvmi.node.schedule.ChunkScheduler}.
 */
@NullMarked
package dev.gvmi.node.schedule;

import org.jspecify.annotations.NullMarked;
