package dev.gvmi.bench.kill;

import dev.gvmi.node.control.NodeService.LimitsRequest;
import dev.gvmi.node.control.ServiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Kills a daemon many times, in each stage of its work in turn, at a random moment from the stage's
 * beginning to its end, and checks after each restart.
 *
 * <pre>
 *   Kills LAUNCHER WORK ELSEWHERE KILLS SEED    ELSEWHERE is an empty folder on another file system than the empty folder WORK
 * </pre>
 *
 * The seed decides bytes, order and moments; a moment is a part of the time that the stage took
 * before, so that a run is repeated as nearly as a machine allows. {@code bench/kills.sh} runs it.
 */
public final class Kills {
  private static final int MB = 1 << 20;
  private static final int CHANGED = 3;
  private static final int SMALL = 40;
  private static final long QUOTA = 24_000_000;
  private static final long LONGEST_NANOS = 60_000_000_000L;

  /**
   * A stage that was over before the kill is given less time the next time, and one that was not a
   * little more.
   */
  private static final double SHORTER = 0.8;

  private static final double LONGER = 1.05;

  private final Ground ground;
  private final Taker taker;
  private final Map<Stage, Tally> tallies = new LinkedHashMap<>();

  /** What became of the kills of a stage. */
  private static final class Tally {
    private Daemon daemon;
    private double nanos;
    private int kills;
    private int hits;

    Tally(Daemon daemon) {
      this.daemon = daemon;
    }
  }

  private Kills(Ground ground, Taker taker) {
    this.ground = ground;
    this.taker = taker;
  }

  public static void main(String[] args) throws Exception {
    Path work = Path.of(args[1]);
    RandomGenerator random = new SplittableRandom(Long.parseLong(args[4]));
    boolean agreed;
    try (Daemon seeder = Daemon.start(Path.of(args[0]), work.resolve("seed"));
        Taker taker = new Taker()) {
      Ground ground = new Ground(Path.of(args[0]), work, Path.of(args[2]), seeder, random);
      Files.createDirectories(ground.cache());
      agreed = new Kills(ground, taker).run(Integer.parseInt(args[3]));
    }
    System.exit(agreed ? 0 : 1);
  }

  private boolean run(int kills) throws Exception {
    try {
      for (Stage stage : stages()) {
        Tally tally = new Tally(stage.start());
        tallies.put(stage, tally);
        rehearse(stage, tally);
      }
      var stages = List.copyOf(tallies.entrySet());
      for (int i = 0; i < kills; i++) {
        var stage = stages.get(i % stages.size());
        if (!kill(i + 1, stage.getKey(), stage.getValue())) {
          return false;
        }
      }
      return true;
    } finally {
      tallies.values().forEach(tally -> tally.daemon.close());
      tallies.forEach((stage, tally) ->
          System.out.printf(
              Locale.ROOT,
              "%-8s %d kills, %d of them while it was under way%n",
              stage.name(),
              tally.kills,
              tally.hits));
    }
  }

  private List<Stage> stages() throws IOException {
    RandomGenerator random = ground.random();
    Path given = Files.createDirectories(ground.work().resolve("given"));
    Sample one = Sample.write(given.resolve("one.gvmi"), 24 * MB, random);
    Sample old = Sample.write(given.resolve("old.gvmi"), 32 * MB + 5, random);
    Sample next = old.next(given.resolve("next.gvmi"), 3 * MB, 15 * MB, 27 * MB);
    Sample large = Sample.write(given.resolve("large.gvmi"), 12 * MB, random);
    Sample placed = Sample.write(given.resolve("placed.gvmi"), 64 * MB, random);
    List<Sample> small = new ArrayList<>();
    for (int i = 0; i < SMALL; i++) {
      small.add(Sample.write(given.resolve(i + ".gvmi"), 500_000, random));
    }
    for (Sample image : List.of(one, next, placed)) {
      Stage.publish(ground.seeder().node(), image, event -> {});
    }
    return List.of(
        new Publishing(ground, one),
        new Fetching(ground, one),
        new Copying(ground, old, next, CHANGED),
        new MakingRoom(ground, small, large, QUOTA),
        new Placing(ground, placed));
  }

  /** How long the stage takes in a daemon that has just started. */
  private void rehearse(Stage stage, Tally tally) throws Exception {
    stage.prepare(tally.daemon);
    restart(stage, tally);
    stage.prepare(tally.daemon);
    Call call = new Call(progress -> stage.work(tally.daemon.node(), progress));
    awaitBegun(stage, call);
    long begun = System.nanoTime();
    while (!call.isOver() && stage.underWay(call)) {
      LockSupport.parkNanos(200_000);
    }
    tally.nanos = System.nanoTime() - begun;
    call.succeed();
    System.out.printf(Locale.ROOT, "%s takes %.0f ms%n", stage.name(), tally.nanos / 1e6);
    ground.seeder().node().limit(new LimitsRequest(Long.MAX_VALUE, null));
  }

  private static void restart(Stage stage, Tally tally) throws IOException {
    tally.daemon.close();
    tally.daemon = stage.start();
  }

  private static void awaitBegun(Stage stage, Call call) throws IOException {
    while (!call.isOver() && !stage.begun(call)) {
      LockSupport.parkNanos(200_000);
    }
  }

  private boolean kill(int number, Stage stage, Tally tally) throws Exception {
    String moment = "";
    try {
      stage.prepare(tally.daemon);
      Call call = new Call(progress -> stage.work(tally.daemon.node(), progress));
      awaitBegun(stage, call);
      long nanos = (long) (ground.random().nextDouble() * Math.min(tally.nanos, LONGEST_NANOS));
      LockSupport.parkNanos(nanos);
      tally.daemon.kill();
      call.join();
      boolean hit = !call.isAnswered() && stage.underWay(call);
      moment = "%.1f ms after it began".formatted(nanos / 1e6) + (hit ? "" : ", not under way");
      tally.kills++;
      tally.hits += hit ? 1 : 0;
      tally.nanos *= hit ? LONGER : SHORTER;
      Agreement agreement = new Agreement(ground, stage, stage.damage(), taker);
      tally.daemon = stage.start();
      agreement.check(tally.daemon);
      String told = stage.check(tally.daemon, hit);
      System.out.println(number + " " + stage.name() + ": killed " + moment + ": " + told);
      return true;
    } catch (Disagreement | IOException | ServiceException e) {
      System.out.println(
          number + " " + stage.name() + ": killed " + moment + ": WRONG: " + e.getMessage());
      e.printStackTrace();
      return false;
    }
  }
}
