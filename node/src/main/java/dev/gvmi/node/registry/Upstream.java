package dev.gvmi.node.registry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.node.bound.BoundedMap;
import dev.gvmi.node.origin.OriginException;
import dev.gvmi.node.origin.RegistryAnswer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The registry that knows what this node does not: asked once for each image at a time, with less
 * patience than a client has, and remembered for a while. An old answer is better than none.
 *
 * <p><b>Thread:</b> any; calls block.
 */
final class Upstream {
  private final String name;
  private final Lookup lookup;
  private final RegistryLimits limits;
  private final InstantSource clock;

  @GuardedBy("this")
  private final Map<ImageQuery, CompletableFuture<Answer>> asked = new HashMap<>();

  @GuardedBy("this")
  private final Map<ImageQuery, Remembered> remembered;

  /** How it is asked; blocks. */
  @FunctionalInterface
  interface Lookup {
    RegistryAnswer ask(ImageQuery query) throws IOException;
  }

  /** What it says. */
  sealed interface Answer {
    record Known(RegistryAnswer image) implements Answer {}

    /** There is no such image there. */
    record Unknown() implements Answer {}

    /** It cannot be asked now. */
    record Silent(String why) implements Answer {}
  }

  private record Remembered(Answer answer, Instant since) {}

  /**
   * @param name for messages
   */
  Upstream(String name, Lookup lookup, RegistryLimits limits, InstantSource clock) {
    this.name = name;
    this.lookup = lookup;
    this.limits = limits;
    this.remembered = BoundedMap.forgettingLeastUsed(limits.answers());
    this.clock = clock;
  }

  String name() {
    return name;
  }

  Answer ask(ImageQuery query) throws InterruptedException {
    CompletableFuture<Answer> flight;
    synchronized (this) {
      Remembered known = remembered.get(query);
      if (known != null && isFresh(known)) {
        return known.answer();
      }
      flight = asked.get(query);
      if (flight == null && asked.size() < limits.questions()) {
        flight = begin(query);
      }
    }
    Answer answer =
        flight == null ? new Answer.Silent("too much is being asked of it") : await(flight);
    return answer instanceof Answer.Silent ? orOld(query, answer) : answer;
  }

  private boolean isFresh(Remembered known) {
    Duration holds =
        known.answer() instanceof Answer.Known ? limits.knownFor() : limits.unknownFor();
    return age(known).compareTo(holds) < 0;
  }

  private Duration age(Remembered known) {
    return Duration.between(known.since(), clock.instant());
  }

  @GuardedBy("this")
  private CompletableFuture<Answer> begin(ImageQuery query) {
    CompletableFuture<Answer> flight = new CompletableFuture<>();
    asked.put(query, flight);
    Thread.ofVirtual().name("ask-upstream").start(() -> flight.complete(land(query)));
    return flight;
  }

  private Answer land(ImageQuery query) {
    Answer answer = new Answer.Silent("a fault of this node");
    try {
      answer = question(query);
    } finally {
      synchronized (this) {
        asked.remove(query);
        remember(query, answer);
      }
    }
    return answer;
  }

  private Answer question(ImageQuery query) {
    try {
      return new Answer.Known(lookup.ask(query));
    } catch (OriginException e) {
      return e.isAbsent() ? new Answer.Unknown() : new Answer.Silent(text(e));
    } catch (IOException e) {
      return new Answer.Silent(text(e));
    }
  }

  private static String text(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** That it is silent now does not undo what it said before. */
  @GuardedBy("this")
  private void remember(ImageQuery query, Answer answer) {
    Remembered before = remembered.get(query);
    boolean isOldBetter =
        answer instanceof Answer.Silent
            && before != null
            && before.answer() instanceof Answer.Known;
    if (!isOldBetter) {
      remembered.put(query, new Remembered(answer, clock.instant()));
    }
  }

  private Answer await(CompletableFuture<Answer> flight) throws InterruptedException {
    try {
      return flight.get(limits.patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return new Answer.Silent("it did not answer in time");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private synchronized Answer orOld(ImageQuery query, Answer silent) {
    Remembered old = remembered.get(query);
    if (old == null || !(old.answer() instanceof Answer.Known)) {
      return silent;
    }
    return age(old).compareTo(limits.staleFor()) < 0 ? old.answer() : silent;
  }
}
