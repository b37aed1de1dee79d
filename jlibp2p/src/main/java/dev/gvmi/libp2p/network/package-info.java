/**
 * The connections of a host: admission, one table, and the addresses behind names. Start at {@link
 * dev.gvmi.libp2p.network.ConnectionTable}.
 */
@NullMarked
package dev.gvmi.libp2p.network;

import org.jspecify.annotations.NullMarked;
