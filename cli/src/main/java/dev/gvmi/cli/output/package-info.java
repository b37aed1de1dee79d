/**
 * What the user sees: text, JSON lines, and the progress line of a transfer. The only place that
 * prints. Start at {@link dev.gvmi.cli.output.Output}.
 */
@NullMarked
package dev.gvmi.cli.output;

import org.jspecify.annotations.NullMarked;
