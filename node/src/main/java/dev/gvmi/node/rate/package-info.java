/**
 * Limits on bytes in a second. Start at {@link dev.gvmi.node.rate.RateGate}, which makes threads
 * wait; what it decides by is pure and in virtual time: {@link dev.gvmi.node.rate.TokenBucket} says
 * when, {@link dev.gvmi.node.rate.FairTurns} says who. Imports nothing of ours but {@code bound}.
 */
@NullMarked
package dev.gvmi.node.rate;

import org.jspecify.annotations.NullMarked;
