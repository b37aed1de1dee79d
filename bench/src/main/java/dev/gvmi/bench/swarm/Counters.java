package dev.gvmi.bench.swarm;

/** Messages that one node sent. */
final class Counters {
  long requests;
  long cancels;
  long haves;
  long announcements;

  long all() {
    return requests + cancels + haves + announcements;
  }
}
