/** Root package of the module. */
@NullMarked
package dev.gvmi.protocol;

import org.jspecify.annotations.NullMarked;
