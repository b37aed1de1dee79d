/**
 * The command line: where the process starts, and which exit code it ends with. The commands are in
 * {@code command}, what they print in {@code output}. Start at {@link dev.gvmi.cli.Main}.
 */
@NullMarked
package dev.gvmi.cli;

import org.jspecify.annotations.NullMarked;
