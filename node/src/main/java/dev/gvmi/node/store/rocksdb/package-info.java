/**
 * The index of the store in RocksDB, and the way to open a store: the only package that sees {@code
 * org.rocksdb}. Start at {@link dev.gvmi.node.store.rocksdb.RocksImageStore}.
 */
@NullMarked
package dev.gvmi.node.store.rocksdb;

import org.jspecify.annotations.NullMarked;
