/**
 * What would not work in Golem's VM, said before anybody downloads an image. Pure: facts in,
 * findings out. Start at {@link dev.gvmi.node.advice.Advice}. Sees the protocol module.
 */
@NullMarked
package dev.gvmi.node.advice;

import org.jspecify.annotations.NullMarked;
