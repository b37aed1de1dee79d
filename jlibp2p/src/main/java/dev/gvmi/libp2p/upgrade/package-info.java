/**
 * From a raw channel to authenticated, multiplexed streams. Start at {@link
 * dev.gvmi.libp2p.upgrade.Upgrader}.
 */
@NullMarked
package dev.gvmi.libp2p.upgrade;

import org.jspecify.annotations.NullMarked;
