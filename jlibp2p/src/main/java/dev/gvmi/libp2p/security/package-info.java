/**
 * What every security protocol offers to the upgrade of a connection. Start at {@link
 * dev.gvmi.libp2p.security.SecurityProtocol}.
 */
@NullMarked
package dev.gvmi.libp2p.security;

import org.jspecify.annotations.NullMarked;
