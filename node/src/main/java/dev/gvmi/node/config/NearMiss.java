package dev.gvmi.node.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What somebody may have meant who wrote a name that there is not. Pure. */
final class NearMiss {
  private static final int MAX_CHARS = 64;

  private NearMiss() {}

  /**
   * The nearest of the names: one whose last part it is, or one with few letters changed; null if
   * none is near.
   */
  static @Nullable String of(String written, List<String> names) {
    if (written.length() > MAX_CHARS) {
      return null;
    }
    for (String name : names) {
      if (last(name).equals(last(written))) {
        return name;
      }
    }
    String nearest = null;
    int least = Math.max(1, written.length() / 3) + 1;
    for (String name : names) {
      int distance = Math.min(distance(written, name), distance(last(written), last(name)));
      if (distance < least) {
        least = distance;
        nearest = name;
      }
    }
    return nearest;
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /** Letters to insert, delete or replace (Levenshtein). */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
