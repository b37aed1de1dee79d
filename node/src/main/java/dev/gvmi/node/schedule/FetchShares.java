package dev.gvmi.node.schedule;

import java.util.HashMap;
import java.util.Map;

/**
 * How much each of the fetches that run may have under way: a task that waits goes before what is
 * fetched ahead. Fetches of the same priority share alike; those of the lower one go on, slowly.
 *
 * <p><b>Units:</b> chunks of 256 KiB. <b>Thread:</b> any.
 */
public final class FetchShares {
  /** What a fetch is for. */
  public enum Priority {
    /** Somebody waits for it. */
    TASK,
    /** It may be of use later. */
    WARM_UP
  }

  /** What all fetches together have under way at most, as long as each can have its least. */
  public static final int DEFAULT_IN_ALL = 512;

  /** What one of the lower priority may have beside one of the higher. */
  static final int LEAST = 4;

  private final int inAll;
  private final Map<Ticket, Priority> running = new HashMap<>();

  /** One fetch, as long as it runs. */
  public final class Ticket implements AutoCloseable {
    private Ticket() {}

    /** How much it may have under way now. */
    public int allowed() {
      return FetchShares.this.allowed(this);
    }

    /** It has ended. */
    @Override
    public void close() {
      leave(this);
    }
  }

  public FetchShares(int inAll) {
    this.inAll = inAll;
  }

  public synchronized Ticket join(Priority priority) {
    Ticket ticket = new Ticket();
    running.put(ticket, priority);
    return ticket;
  }

  private synchronized void leave(Ticket ticket) {
    running.remove(ticket);
  }

  private synchronized int allowed(Ticket ticket) {
    int tasks = (int) running.values().stream().filter(Priority.TASK::equals).count();
    int others = running.size() - tasks;
    if (running.get(ticket) == Priority.TASK) {
      return Math.max(LEAST, (inAll - LEAST * others) / tasks);
    }
    return tasks > 0 ? LEAST : Math.max(LEAST, inAll / Math.max(1, others));
  }
}
