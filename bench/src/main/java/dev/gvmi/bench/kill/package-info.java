/**
 * Kills daemons (signal 9) at random moments of publishing, fetching, copying from another version,
 * making room and placing, and checks after each restart that files, index, what is served and what
 * is placed agree; start at {@link dev.gvmi.bench.kill.Kills}. {@code bench/kills.sh} runs it.
 */
@NullMarked
package dev.gvmi.bench.kill;

import org.jspecify.annotations.NullMarked;
