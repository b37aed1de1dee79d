package dev.gvmi.node.store.rocksdb;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.store.StoreException;
import dev.gvmi.node.store.file.ImageRow;
import dev.gvmi.node.store.file.ProgressRow;
import dev.gvmi.node.store.file.SpanTable;
import dev.gvmi.node.store.file.StoreIndex;
import dev.gvmi.node.store.file.UseRow;
import dev.gvmi.node.store.rocksdb.RowCodec.Prefix;
import dev.gvmi.protocol.image.ImageId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index in RocksDB: a few hundred small rows, each change a synced write batch. RocksDB stays
 * out of the hot path, so it is given little memory.
 *
 * <p><b>Thread:</b> the store's; not used any more once {@link #close} is called.
 */
final class RocksIndex implements StoreIndex {
  private static final Logger LOG = LoggerFactory.getLogger(RocksIndex.class);
  private static final byte[] FORMAT_KEY =
      Prefix.META.key("format".getBytes(StandardCharsets.US_ASCII));
  private static final long WRITE_BUFFER_BYTES = 4 << 20;
  private static final int MAX_OPEN_FILES = 64;

  private final Options options;
  private final WriteOptions synced;
  private final WriteOptions unsynced;
  private final RocksDB db;
  private final RocksSpanTable spans;

  /**
   * Held for reading while a hint is used: a thread of the network may be here when the store
   * closes.
   */
  private final ReadWriteLock closing = new ReentrantReadWriteLock();

  @GuardedBy("closing")
  private boolean closed;

  private RocksIndex(
      Options options,
      WriteOptions synced,
      WriteOptions unsynced,
      RocksDB db,
      RocksSpanTable spans) {
    this.options = options;
    this.synced = synced;
    this.unsynced = unsynced;
    this.db = db;
    this.spans = spans;
  }

  static RocksIndex open(Path folder) {
    RocksLibrary.load();
    Options options = options();
    WriteOptions synced = new WriteOptions().setSync(true);
    WriteOptions unsynced = new WriteOptions();
    @Nullable RocksDB db = null;
    boolean opened = false;
    try {
      db = RocksDB.open(options, folder.toString());
      checkFormat(db, synced, folder);
      RocksSpanTable spans = RocksSpanTable.open(db, synced, unsynced);
      RocksIndex index = new RocksIndex(options, synced, unsynced, db, spans);
      opened = true;
      return index;
    } catch (RocksDBException e) {
      throw unusable(folder, e);
    } finally {
      if (!opened) {
        closeAll(db, synced, unsynced, options);
      }
    }
  }

  @Override
  public List<ImageRow> images() {
    return rows(Prefix.IMAGE, RowCodec::decodeImage);
  }

  @Override
  public List<ProgressRow> allProgress() {
    return rows(Prefix.PROGRESS, RowCodec::decodeProgress);
  }

  @Override
  public Optional<ProgressRow> progress(ImageId image) {
    try {
      byte[] row = db.get(RowCodec.key(Prefix.PROGRESS, image));
      return row == null ? Optional.empty() : Optional.of(RowCodec.decodeProgress(image, row));
    } catch (IllegalArgumentException e) {
      LOG.warn("the index has a damaged row of {}: taken as absent ({})", image, e.getMessage());
      return Optional.empty();
    } catch (RocksDBException e) {
      throw fault("read the index", e);
    }
  }

  @Override
  public void putImage(ImageRow row) {
    write(batch -> {
      batch.put(RowCodec.key(Prefix.IMAGE, row.image()), RowCodec.encode(row));
      batch.delete(RowCodec.key(Prefix.PROGRESS, row.image()));
    });
  }

  @Override
  public void putProgress(ProgressRow row) {
    write(batch -> batch.put(RowCodec.key(Prefix.PROGRESS, row.image()), RowCodec.encode(row)));
  }

  @Override
  public List<UseRow> uses() {
    return rows(Prefix.USE, RowCodec::decodeUse);
  }

  @Override
  public void putUse(UseRow row) {
    write(batch -> batch.put(RowCodec.key(Prefix.USE, row.image()), RowCodec.encode(row)));
  }

  @Override
  public void removeUse(ImageId image) {
    write(batch -> batch.delete(RowCodec.key(Prefix.USE, image)));
  }

  @Override
  public void removeImage(ImageId image) {
    write(batch -> batch.delete(RowCodec.key(Prefix.IMAGE, image)));
  }

  @Override
  public void removeProgress(ImageId image) {
    write(batch -> batch.delete(RowCodec.key(Prefix.PROGRESS, image)));
  }

  // ---- hints: rows that may be lost ----

  /** All rows of a kind; those that cannot be read are left out. Empty once closed. */
  <T> List<T> hints(Prefix prefix, BiFunction<byte[], byte[], T> decode) {
    closing.readLock().lock();
    try {
      return closed ? List.of() : scan(prefix, decode);
    } finally {
      closing.readLock().unlock();
    }
  }

  void putHint(byte[] key, byte[] row) {
    hint("write", () -> db.put(unsynced, key, row));
  }

  void removeHint(byte[] key) {
    hint("remove", () -> db.delete(unsynced, key));
  }

  /** Changes a row. */
  private interface Hint {
    void apply() throws RocksDBException;
  }

  private void hint(String what, Hint hint) {
    closing.readLock().lock();
    try {
      if (!closed) {
        hint.apply();
      }
    } catch (RocksDBException e) {
      LOG.debug("could not {} a hint: {}", what, e.toString());
    } finally {
      closing.readLock().unlock();
    }
  }

  @Override
  public SpanTable spans() {
    return spans;
  }

  @Override
  public void close() {
    closing.writeLock().lock();
    try {
      closed = true;
      closeAll(db, synced, unsynced, options);
    } finally {
      closing.writeLock().unlock();
    }
  }

  private static Options options() {
    return new Options()
        .setCreateIfMissing(true)
        .setWriteBufferSize(WRITE_BUFFER_BYTES)
        .setMaxOpenFiles(MAX_OPEN_FILES)
        .setCompressionType(CompressionType.NO_COMPRESSION)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setKeepLogFileNum(2)
        .setStatsDumpPeriodSec(0);
  }

  private static void checkFormat(RocksDB db, WriteOptions synced, Path folder)
      throws RocksDBException {
    byte[] found = db.get(FORMAT_KEY);
    if (found == null) {
      byte[] version = ByteBuffer.allocate(Integer.BYTES).putInt(RowCodec.FORMAT).array();
      db.put(synced, FORMAT_KEY, version);
    } else if (found.length != Integer.BYTES
        || ByteBuffer.wrap(found).getInt() != RowCodec.FORMAT) {
      throw new StoreException(
          StoreException.Kind.UNUSABLE,
          "the index in "
              + folder
              + " was written by another version of gvmi-p2p; use that one, or move the folder away (images are verified and indexed again)");
    }
  }

  /** A row that cannot be read is left out: the files it is about are looked at again. */
  private <T> List<T> rows(Prefix prefix, BiFunction<ImageId, byte[], T> decode) {
    return scan(prefix, (key, row) -> decode.apply(RowCodec.image(key), row));
  }

  private <T> List<T> scan(Prefix prefix, BiFunction<byte[], byte[], T> decode) {
    List<T> rows = new ArrayList<>();
    try (RocksIterator at = db.newIterator()) {
      for (at.seek(prefix.bytes()); at.isValid() && prefix.isOf(at.key()); at.next()) {
        try {
          rows.add(decode.apply(at.key(), at.value()));
        } catch (IllegalArgumentException e) {
          LOG.warn("the index has a damaged row: taken as absent ({})", e.getMessage());
        }
      }
      at.status();
      return rows;
    } catch (RocksDBException e) {
      throw fault("read the index", e);
    }
  }

  /** Fills a batch. */
  interface Change {
    void apply(WriteBatch batch) throws RocksDBException;
  }

  private void write(Change change) {
    try (WriteBatch batch = new WriteBatch()) {
      change.apply(batch);
      db.write(synced, batch);
    } catch (RocksDBException e) {
      throw fault("write the index", e);
    }
  }

  private static void closeAll(
      @Nullable RocksDB db, WriteOptions synced, WriteOptions unsynced, Options options) {
    if (db != null) {
      db.close();
    }
    synced.close();
    unsynced.close();
    options.close();
  }

  private static StoreException unusable(Path folder, RocksDBException e) {
    StoreException fault = fault("open the index in " + folder, e);
    return fault.kind() == StoreException.Kind.NO_SPACE
        ? fault
        : new StoreException(
            StoreException.Kind.UNUSABLE,
            fault.getMessage()
                + "; if it is damaged, move the folder away (images are verified and indexed again)",
            e);
  }

  static StoreException fault(String tried, RocksDBException e) {
    @Nullable Status status = e.getStatus();
    boolean full =
        (status != null && status.getSubCode() == Status.SubCode.NoSpace)
            || String.valueOf(e.getMessage()).contains("No space left on device");
    return new StoreException(
        full ? StoreException.Kind.NO_SPACE : StoreException.Kind.IO,
        tried
            + ": "
            + e.getMessage()
            + (full ? "; free some space or move the data directory" : ""),
        e);
  }
}
