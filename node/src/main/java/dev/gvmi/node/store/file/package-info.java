/**
 * The data files of the store: complete images, partial images, their manifests, and what happens
 * to them at start-up and at the end of a fetch. The index that says which bytes are on disk is
 * behind {@link dev.gvmi.node.store.file.StoreIndex}. Start at {@link
 * dev.gvmi.node.store.file.FileImageStore}, then {@code FilePartialImage} (durability) and {@code
 * Recovery} (start-up).
 */
@NullMarked
package dev.gvmi.node.store.file;

import org.jspecify.annotations.NullMarked;
