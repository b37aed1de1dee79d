/** Root package of the module. */
@NullMarked
package dev.gvmi.bench;

import org.jspecify.annotations.NullMarked;
