/**
 * The configuration file: what it may say, read from TOML with the line of each value, and written
 * back as TOML. Start at {@link dev.gvmi.node.config.ConfigFile}, then {@link
 * dev.gvmi.node.config.ConfigKey}, which lists every key. Knows addresses of libp2p, and nothing
 * else of the node.
 */
@NullMarked
package dev.gvmi.node.config;

import org.jspecify.annotations.NullMarked;
