package dev.gvmi.node.gateway;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What of a body is asked for.
 *
 * <p><b>Source:</b> RFC 9110, 14.1.2 and 14.2: a header that is not understood, or names several
 * ranges, is ignored.
 */
sealed interface ByteRange {
  /** All of it. */
  record Whole() implements ByteRange {}

  /**
   * A part that is there.
   *
   * @param first offset of its first byte
   * @param end offset behind its last byte
   */
  record Part(long first, long end) implements ByteRange {}

  /** Nothing of it is there. */
  record Unsatisfiable() implements ByteRange {}

  /** What a Range header means for a body of this size. */
  static ByteRange of(@Nullable String header, long sizeBytes) {
    return header == null ? new Whole() : Header.parse(header, sizeBytes);
  }

  /** Its form. */
  final class Header {
    private static final Pattern FORM =
        Pattern.compile("(?i:bytes)[ \t]*=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*");

    private Header() {}

    private static ByteRange parse(String header, long sizeBytes) {
      Matcher form = FORM.matcher(header);
      if (!form.matches()) {
        return new Whole();
      }
      String first = form.group(1);
      String last = form.group(2);
      if (first.isEmpty()) {
        return last.isEmpty() ? new Whole() : suffix(Long.parseLong(last), sizeBytes);
      }
      long from = Long.parseLong(first);
      long to = last.isEmpty() ? Long.MAX_VALUE : Long.parseLong(last);
      if (to < from) {
        return new Whole();
      }
      return from >= sizeBytes
          ? new Unsatisfiable()
          : new Part(from, Math.min(sizeBytes - 1, to) + 1);
    }

    private static ByteRange suffix(long bytes, long sizeBytes) {
      return bytes == 0 || sizeBytes == 0
          ? new Unsatisfiable()
          : new Part(Math.max(0, sizeBytes - bytes), sizeBytes);
    }
  }
}
