package dev.gvmi.node.fetch;

import dev.gvmi.node.schedule.Event;
import dev.gvmi.node.schedule.FetchShares;
import dev.gvmi.protocol.manifest.Geometry;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to be told to the scheduler of a fetch from outside: its share beside other fetches, and
 * where its reader is.
 *
 * <p><b>Thread:</b> the fetching one.
 */
final class Steering {
  private final FetchShares.Ticket share;
  private final ReadPosition reader;

  Steering(FetchShares.Ticket share, ReadPosition reader) {
    this.share = share;
    this.reader = reader;
  }

  /** As it is now. */
  List<Event> events(Geometry geometry) {
    List<Event> events = new ArrayList<>();
    events.add(new Event.Allowed(share.allowed()));
    long position = reader.bytes();
    boolean reads = position >= 0 && position < geometry.sizeBytes();
    events.add(new Event.Reading(reads ? (int) (position / Geometry.CHUNK_BYTES) : -1));
    return events;
  }
}
