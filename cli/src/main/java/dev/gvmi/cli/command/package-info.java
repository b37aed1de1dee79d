/**
 * One class per subcommand: it parses its options, calls the node, and hands the result to the
 * output. Nothing here prints or knows an exit code. Start at {@link
 * dev.gvmi.cli.command.GvmiCommand}, then {@code PrefetchCommand}.
 */
@NullMarked
package dev.gvmi.cli.command;

import org.jspecify.annotations.NullMarked;
