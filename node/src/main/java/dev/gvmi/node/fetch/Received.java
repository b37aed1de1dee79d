package dev.gvmi.node.fetch;

import java.util.concurrent.atomic.LongAdder;

/**
 * What came of chunks since the start, over all fetches.
 *
 * @param verified chunks that fit their manifest
 * @param wrong chunks that did not
 */
record Received(LongAdder bytes, LongAdder verified, LongAdder wrong) {
  Received() {
    this(new LongAdder(), new LongAdder(), new LongAdder());
  }
}
