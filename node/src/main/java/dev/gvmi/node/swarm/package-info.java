/**
 * What peers claim and how far they are believed: votes for manifests, standing, bans. Pure. Start
 * at {@link dev.gvmi.node.swarm.ManifestVotes}.
 */
@NullMarked
package dev.gvmi.node.swarm;

import org.jspecify.annotations.NullMarked;
