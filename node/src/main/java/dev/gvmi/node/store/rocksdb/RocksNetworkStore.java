package dev.gvmi.node.store.rocksdb;

import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.ProviderRecord;
import dev.gvmi.libp2p.kad.routing.ProviderStore;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.discovery.PeerStore;
import dev.gvmi.node.discovery.RememberedPeer;
import dev.gvmi.node.store.rocksdb.RowCodec.Prefix;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What is remembered of the network, beside the images in the same RocksDB. Not synced: it is
 * hints, and what the last seconds before a crash wrote may be lost. Does nothing once the index is
 * closed.
 *
 * <p><b>Thread:</b> any.
 */
final class RocksNetworkStore implements ProviderStore, PeerStore {
  private final RocksIndex index;

  RocksNetworkStore(RocksIndex index) {
    this.index = index;
  }

  @Override
  public Collection<ProviderRecord> records() {
    return index.hints(Prefix.RECORD, NetworkRows::decodeRecord);
  }

  @Override
  public void put(ProviderRecord record) {
    index.putHint(NetworkRows.key(record), NetworkRows.encode(record));
  }

  @Override
  public void remove(ProviderRecord record) {
    index.removeHint(NetworkRows.key(record));
  }

  private record Own(KadKey key, Instant announced) {}

  @Override
  public Map<KadKey, Instant> provided() {
    Map<KadKey, Instant> provided = new HashMap<>();
    index
        .hints(
            Prefix.OWN_KEY,
            (key, row) -> new Own(NetworkRows.decodeOwnKey(key), NetworkRows.decodeAnnounced(row)))
        .forEach(own -> provided.put(own.key(), own.announced()));
    return provided;
  }

  @Override
  public void putProvided(KadKey key, Instant announced) {
    index.putHint(NetworkRows.key(key), NetworkRows.encode(announced));
  }

  @Override
  public void removeProvided(KadKey key) {
    index.removeHint(NetworkRows.key(key));
  }

  @Override
  public Collection<RememberedPeer> peers() {
    return index.hints(Prefix.KNOWN_PEER, NetworkRows::decodePeer);
  }

  @Override
  public void put(RememberedPeer peer) {
    index.putHint(NetworkRows.key(peer.peer()), NetworkRows.encode(peer));
  }

  @Override
  public void remove(PeerId peer) {
    index.removeHint(NetworkRows.key(peer));
  }
}
