/**
 * What is counted of a node, for Prometheus. Start at {@link dev.gvmi.node.metrics.MetricNames},
 * which has every name; docs/metrics.md describes each. Imports what a fetch may come to, and
 * nothing else of the node.
 */
@NullMarked
package dev.gvmi.node.metrics;

import org.jspecify.annotations.NullMarked;
