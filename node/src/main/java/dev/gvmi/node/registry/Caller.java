package dev.gvmi.node.registry;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who asks.
 *
 * @param isLocal it is a program of this machine, and asks for nobody else
 * @param isForwarded somebody asks for others, from one address
 * @param bearer the token in the header Authorization; null without one
 */
public record Caller(
    InetAddress address, boolean isLocal, boolean isForwarded, @Nullable String bearer) {}
