package dev.gvmi.node.advice;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of {@code unsquashfs -lln}.
 *
 * @param mode ten characters, as of ls
 * @param sizeBytes 0 but for files
 * @param path without a slash in front; empty for the root
 * @param link target of a symbolic link, else empty
 */
public record ListedFile(
    String mode, long uid, long gid, long sizeBytes, String path, String link) {
  private static final Pattern LINE =
      Pattern.compile(
          "(\\S{10}) (\\d{1,10})/(\\d{1,10}) +(\\d{1,18}|\\d{1,10}, *\\d{1,10}) \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d squashfs-root(?:/(.*))?");
  private static final String ARROW = " -> ";

  /** Empty if the line is something else. */
  public static Optional<ListedFile> parse(String line) {
    Matcher found = LINE.matcher(line);
    if (!found.matches()) {
      return Optional.empty();
    }
    String mode = found.group(1);
    String name = found.group(5) == null ? "" : found.group(5);
    int arrow = mode.charAt(0) == 'l' ? name.indexOf(ARROW) : -1;
    return Optional.of(
        new ListedFile(
            mode,
            Long.parseLong(found.group(2)),
            Long.parseLong(found.group(3)),
            mode.charAt(0) == '-' ? Long.parseLong(found.group(4)) : 0,
            arrow < 0 ? name : name.substring(0, arrow),
            arrow < 0 ? "" : name.substring(arrow + ARROW.length())));
  }

  public boolean folder() {
    return mode.charAt(0) == 'd';
  }
}
