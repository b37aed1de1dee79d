package dev.gvmi.node.store.rocksdb;

import dev.gvmi.node.store.file.DeltaRow;
import dev.gvmi.node.store.file.SpanTable;
import dev.gvmi.node.store.rocksdb.RowCodec.Prefix;
import dev.gvmi.protocol.delta.Span;
import dev.gvmi.protocol.delta.SpanId;
import dev.gvmi.protocol.image.ImageId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows of spans in the RocksDB of the index. They are written without a sync, in batches: the log
 * is written in order, so that the synced row behind them makes them durable, too.
 *
 * <p><b>Thread:</b> the store's; as long as the index is open.
 */
final class RocksSpanTable implements SpanTable {
  private static final Logger LOG = LoggerFactory.getLogger(RocksSpanTable.class);
  private static final byte[] FORMAT_KEY =
      Prefix.META.key("spans".getBytes(StandardCharsets.US_ASCII));

  private final RocksDB db;
  private final WriteOptions synced;
  private final WriteOptions unsynced;

  private RocksSpanTable(RocksDB db, WriteOptions synced, WriteOptions unsynced) {
    this.db = db;
    this.synced = synced;
    this.unsynced = unsynced;
  }

  /** The options stay the caller's to close. */
  static RocksSpanTable open(RocksDB db, WriteOptions synced, WriteOptions unsynced)
      throws RocksDBException {
    RocksSpanTable table = new RocksSpanTable(db, synced, unsynced);
    table.dropOtherFormat();
    return table;
  }

  private void dropOtherFormat() throws RocksDBException {
    byte[] ours = ByteBuffer.allocate(Integer.BYTES).putInt(SpanCodec.FORMAT).array();
    if (!Arrays.equals(ours, db.get(FORMAT_KEY))) {
      db.deleteRange(synced, Prefix.DELTA.bytes(), Prefix.DELTA.end());
      db.deleteRange(synced, Prefix.SPAN.bytes(), Prefix.SPAN.end());
      db.put(synced, FORMAT_KEY, ours);
    }
  }

  @Override
  public List<DeltaRow> rows() {
    List<DeltaRow> rows = new ArrayList<>();
    try (RocksIterator at = db.newIterator()) {
      for (at.seek(Prefix.DELTA.bytes()); at.isValid() && Prefix.DELTA.isOf(at.key()); at.next()) {
        try {
          rows.add(SpanCodec.decode(RowCodec.image(at.key()), at.value()));
        } catch (IllegalArgumentException e) {
          LOG.warn("the index has a damaged row: taken as absent ({})", e.getMessage());
        }
      }
      at.status();
      return rows;
    } catch (RocksDBException e) {
      throw RocksIndex.fault("read the index", e);
    }
  }

  @Override
  public void putRow(DeltaRow row) {
    write(
        synced, batch -> batch.put(RowCodec.key(Prefix.DELTA, row.image()), SpanCodec.encode(row)));
  }

  @Override
  public void removeRow(ImageId image) {
    write(synced, batch -> batch.delete(RowCodec.key(Prefix.DELTA, image)));
  }

  @Override
  public void enter(int number, List<Span> spans) {
    requireBatch(spans.size());
    write(
        unsynced,
        batch -> {
          for (Span span : spans) {
            batch.put(SpanCodec.key(span.id(), number), SpanCodec.row(span));
          }
        });
  }

  @Override
  public void remove(int number, List<Span> spans) {
    requireBatch(spans.size());
    write(
        unsynced,
        batch -> {
          for (Span span : spans) {
            batch.delete(SpanCodec.key(span.id(), number));
          }
        });
  }

  private static void requireBatch(int spans) {
    if (spans > MAX_BATCH) {
      throw new IllegalArgumentException(spans + " spans at once");
    }
  }

  @Override
  public List<List<Place>> find(List<SpanId> ids) {
    List<List<Place>> found = new ArrayList<>();
    try (RocksIterator at = db.newIterator()) {
      for (SpanId id : ids) {
        found.add(find(id, at));
      }
      at.status();
      return found;
    } catch (RocksDBException e) {
      throw RocksIndex.fault("read the index", e);
    }
  }

  private static List<Place> find(SpanId id, RocksIterator at) {
    byte[] prefix = SpanCodec.prefix(id);
    List<Place> places = new ArrayList<>();
    for (at.seek(prefix); at.isValid() && places.size() < MAX_PLACES; at.next()) {
      byte[] key = at.key();
      if (!Arrays.equals(prefix, 0, prefix.length, key, 0, Math.min(prefix.length, key.length))) {
        break;
      }
      try {
        places.add(SpanCodec.place(key, at.value()));
      } catch (IllegalArgumentException e) {
        LOG.debug("a damaged row of a span is taken as absent", e);
      }
    }
    return List.copyOf(places);
  }

  @Override
  public Optional<SpanId> sweep(Set<Integer> numbers, Optional<SpanId> from) {
    byte[] start = from.map(SpanCodec::prefix).orElseGet(Prefix.SPAN::bytes);
    List<byte[]> gone = new ArrayList<>();
    Optional<SpanId> next = Optional.empty();
    try (RocksIterator at = db.newIterator()) {
      int seen = 0;
      for (at.seek(start); at.isValid() && Prefix.SPAN.isOf(at.key()); at.next()) {
        byte[] key = at.key();
        if (!SpanCodec.isKey(key)) {
          gone.add(key);
          continue;
        }
        SpanId id = SpanCodec.id(key);
        // a span's places are looked at together: the next call begins with the next span
        if (seen >= MAX_BATCH && !from.equals(Optional.of(id))) {
          next = Optional.of(id);
          break;
        }
        if (numbers.contains(SpanCodec.number(key))) {
          gone.add(key);
        }
        seen++;
      }
      at.status();
    } catch (RocksDBException e) {
      throw RocksIndex.fault("read the index", e);
    }
    write(
        unsynced,
        batch -> {
          for (byte[] key : gone) {
            batch.delete(key);
          }
        });
    return next;
  }

  private void write(WriteOptions options, RocksIndex.Change change) {
    try (WriteBatch batch = new WriteBatch()) {
      change.apply(batch);
      db.write(options, batch);
    } catch (RocksDBException e) {
      throw RocksIndex.fault("write the index", e);
    }
  }
}
