/**
 * From a {@code .gvmi} file of the user to an image of the store. Start at {@link
 * dev.gvmi.node.publish.Publisher}; {@link dev.gvmi.node.publish.ImageFile} reads what such a file
 * is made of. Sees the store and the protocol module.
 */
@NullMarked
package dev.gvmi.node.publish;

import org.jspecify.annotations.NullMarked;
