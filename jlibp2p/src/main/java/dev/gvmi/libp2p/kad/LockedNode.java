package dev.gvmi.libp2p.kad;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.kad.routing.KadNode;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;

/** The node, for one thread at a time. <b>Thread:</b> any. */
final class LockedNode {
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final KadNode node;

  LockedNode(KadNode node) {
    this.node = node;
  }

  /** What {@code use} returns must not lead back to the node. */
  <T> T get(Function<KadNode, T> use) {
    lock.lock();
    try {
      return use.apply(node);
    } finally {
      lock.unlock();
    }
  }

  void change(Consumer<KadNode> change) {
    lock.lock();
    try {
      change.accept(node);
    } finally {
      lock.unlock();
    }
  }
}
