package dev.gvmi.node.store.rocksdb;

import dev.gvmi.libp2p.address.IpGroup;
import dev.gvmi.libp2p.kad.routing.KadKey;
import dev.gvmi.libp2p.kad.routing.KadPeer;
import dev.gvmi.libp2p.kad.routing.ProviderRecord;
import dev.gvmi.libp2p.multiformats.Multiaddr;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.node.discovery.RememberedPeer;
import dev.gvmi.node.store.rocksdb.RowCodec.Prefix;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows about other peers as bytes. Integers are big-endian; {@code bytes} are a length of 2 and so
 * many bytes.
 *
 * <pre>
 *   R record      key: bytes key, then the provider's id      row: bytes group; 8 expires, ms; addresses
 *   O own key     key: key                                    row: 8 announced, ms
 *   K known peer  key: peer id                                row: 8 last seen, ms; addresses
 *   addresses     1 count; of each: bytes
 * </pre>
 *
 * A row that breaks the form is an {@link IllegalArgumentException}.
 */
final class NetworkRows {
  private static final int MAX_ADDRESSES = 16;

  private NetworkRows() {}

  static byte[] key(ProviderRecord record) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    put(out, record.key().toBytes());
    out.writeBytes(record.provider().id().toBytes());
    return Prefix.RECORD.key(out.toByteArray());
  }

  static byte[] encode(ProviderRecord record) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    put(out, record.group().prefix().getBytes(StandardCharsets.UTF_8));
    putInstant(out, record.expires());
    put(out, record.provider().addresses());
    return out.toByteArray();
  }

  static ProviderRecord decodeRecord(byte[] key, byte[] row) {
    return reading(() -> {
      ByteBuffer name = named(key);
      KadKey of = KadKey.fromBytes(bytes(name));
      PeerId provider = PeerId.fromBytes(rest(name));
      ByteBuffer in = ByteBuffer.wrap(row);
      IpGroup group = new IpGroup(new String(bytes(in), StandardCharsets.UTF_8));
      Instant expires = Instant.ofEpochMilli(in.getLong());
      return new ProviderRecord(of, KadPeer.of(provider, addresses(in)), group, expires);
    });
  }

  static byte[] key(KadKey own) {
    return Prefix.OWN_KEY.key(own.toBytes());
  }

  static byte[] encode(Instant announced) {
    return ByteBuffer.allocate(Long.BYTES).putLong(announced.toEpochMilli()).array();
  }

  static KadKey decodeOwnKey(byte[] key) {
    return KadKey.fromBytes(rest(named(key)));
  }

  static Instant decodeAnnounced(byte[] row) {
    return reading(() -> {
      ByteBuffer in = ByteBuffer.wrap(row);
      Instant announced = Instant.ofEpochMilli(in.getLong());
      end(in);
      return announced;
    });
  }

  static byte[] key(PeerId known) {
    return Prefix.KNOWN_PEER.key(known.toBytes());
  }

  static byte[] encode(RememberedPeer peer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    putInstant(out, peer.lastSeen());
    put(out, peer.addresses());
    return out.toByteArray();
  }

  static RememberedPeer decodePeer(byte[] key, byte[] row) {
    return reading(() -> {
      PeerId peer = PeerId.fromBytes(rest(named(key)));
      ByteBuffer in = ByteBuffer.wrap(row);
      Instant lastSeen = Instant.ofEpochMilli(in.getLong());
      return new RememberedPeer(peer, addresses(in), lastSeen);
    });
  }

  /** Reads a row. */
  private interface Reader<T> {
    T read();
  }

  private static <T> T reading(Reader<T> reader) {
    try {
      return reader.read();
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("row cut short", e);
    }
  }

  /** What follows the prefix. */
  private static ByteBuffer named(byte[] key) {
    return ByteBuffer.wrap(key, 1, key.length - 1);
  }

  private static void put(ByteArrayOutputStream out, byte[] bytes) {
    out.write(bytes.length >> 8);
    out.write(bytes.length);
    out.writeBytes(bytes);
  }

  private static void putInstant(ByteArrayOutputStream out, Instant time) {
    out.writeBytes(encode(time));
  }

  private static void put(ByteArrayOutputStream out, List<Multiaddr> addresses) {
    List<Multiaddr> kept = addresses.stream().limit(MAX_ADDRESSES).toList();
    out.write(kept.size());
    kept.forEach(address -> put(out, address.toBytes()));
  }

  private static byte[] bytes(ByteBuffer in) {
    byte[] bytes = new byte[Short.toUnsignedInt(in.getShort())];
    in.get(bytes);
    return bytes;
  }

  private static byte[] rest(ByteBuffer in) {
    byte[] bytes = new byte[in.remaining()];
    in.get(bytes);
    return bytes;
  }

  private static List<Multiaddr> addresses(ByteBuffer in) {
    int count = Byte.toUnsignedInt(in.get());
    if (count > MAX_ADDRESSES) {
      throw new IllegalArgumentException(count + " addresses");
    }
    List<Multiaddr> addresses = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      addresses.add(Multiaddr.fromBytes(bytes(in)));
    }
    end(in);
    return addresses;
  }

  private static void end(ByteBuffer in) {
    if (in.hasRemaining()) {
      throw new IllegalArgumentException(in.remaining() + " bytes too many");
    }
  }
}
