/**
 * Tar streams without loss: names and extended attributes are bytes, extended headers are bounded.
 * Start at {@link dev.gvmi.node.tar.TarReader}. Numbers and checksums of a header are Commons
 * Compress's; the rest is read here, as that library decodes the values of extended headers as
 * UTF-8, which damages binary ones such as {@code security.capability}.
 */
@NullMarked
package dev.gvmi.node.tar;

import org.jspecify.annotations.NullMarked;
