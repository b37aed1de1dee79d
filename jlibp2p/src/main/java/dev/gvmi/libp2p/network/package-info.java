/** The connections of a host: admission, limits, one table. Start at {@link dev.gvmi.libp2p.network.ConnectionTable}. */
@NullMarked
package dev.gvmi.libp2p.network;

import org.jspecify.annotations.NullMarked;
