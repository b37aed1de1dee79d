/**
 * The node's HTTP face: images from the store, or fetched now and streamed in order as they come;
 * metrics and health. Requests are read and bytes are written on Netty's event loops; everything
 * else runs on a virtual thread per request, and {@link dev.gvmi.node.gateway.Exchange} is the line
 * between the two. Start at {@link dev.gvmi.node.gateway.GatewayServer}, then {@link
 * dev.gvmi.node.gateway.ImageAnswer}. Imports the store and what watches a fetch.
 */
@NullMarked
package dev.gvmi.node.gateway;

import org.jspecify.annotations.NullMarked;
