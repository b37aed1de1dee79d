package dev.gvmi.cli.output;

import java.util.Locale;

/** Numbers as people read them: decimal units, three digits. */
final class HumanFormat {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

  private HumanFormat() {}

  static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 999.5 && unit < UNITS.length - 1) {
      value /= 1000;
      unit++;
    }
    String form = unit == 0 || value >= 99.95 ? "%.0f %s" : value >= 9.995 ? "%.1f %s" : "%.2f %s";
    return String.format(Locale.ROOT, form, value, UNITS[unit]);
  }

  static String rate(long bytesPerSecond) {
    return bytes(bytesPerSecond) + "/s";
  }

  /** Average over a time; the bytes themselves when no time passed. */
  static String rate(long bytes, long elapsedMs) {
    return rate(Math.round(bytes * 1000.0 / Math.max(1, elapsedMs)));
  }

  static String seconds(long millis) {
    long seconds = millis / 1000;
    if (seconds < 60) {
      return seconds < 10
          ? String.format(Locale.ROOT, "%.2f s", millis / 1000.0)
          : String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
    if (seconds < 3600) {
      return String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60);
    }
    return String.format(Locale.ROOT, "%d h %02d min", seconds / 3600, seconds / 60 % 60);
  }

  /** A short time in milliseconds, three digits or so. */
  static String millis(long micros) {
    double millis = micros / 1000.0;
    return String.format(Locale.ROOT, millis < 9.995 ? "%.2f ms" : "%.0f ms", millis);
  }

  static String count(long count, String one) {
    return count + " " + one + (count == 1 ? "" : "s");
  }
}
