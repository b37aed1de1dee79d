package dev.gvmi.bench.line;

/**
 * How fast and how long a line is.
 *
 * @param megabits a second, of packets with their IP headers
 * @param delayNanos from one end to the other
 * @param queueNanos that a packet waits at most before it is sent: those that would wait longer are
 *     dropped
 */
record LineSpeed(double megabits, long delayNanos, long queueNanos) {}
