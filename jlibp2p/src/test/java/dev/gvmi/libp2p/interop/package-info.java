/**
 * Our host against peers of other libp2p implementations. Start at {@link
 * dev.gvmi.libp2p.interop.JsInteropIT}.
 */
@NullMarked
package dev.gvmi.libp2p.interop;

import org.jspecify.annotations.NullMarked;
