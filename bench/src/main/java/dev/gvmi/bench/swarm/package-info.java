/**
 * Thousands of nodes that fetch one image from each other, in virtual time: the scheduler of the
 * node, without its network. Start at {@link dev.gvmi.bench.swarm.SwarmSimulation}.
 */
@NullMarked
package dev.gvmi.bench.swarm;

import org.jspecify.annotations.NullMarked;
