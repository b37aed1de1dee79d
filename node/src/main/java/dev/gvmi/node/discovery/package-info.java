/**
 * Who holds an image: asked of the DHT, told by connected peers, found on the LAN, remembered from
 * before; all at once. And the other way round: tells others what is here. Start at {@link
 * dev.gvmi.node.discovery.Discovery}.
 */
@NullMarked
package dev.gvmi.node.discovery;

import org.jspecify.annotations.NullMarked;
