/**
 * The images this node holds, complete and partial: the interfaces the rest of the node works with,
 * and the one exception of their faults. Data files are in {@code store.file}, the index in {@code
 * store.rocksdb}. Start at {@link dev.gvmi.node.store.ImageStore}.
 */
@NullMarked
package dev.gvmi.node.store;

import org.jspecify.annotations.NullMarked;
