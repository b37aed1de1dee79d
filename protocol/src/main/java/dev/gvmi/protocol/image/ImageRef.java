package dev.gvmi.protocol.image;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a user may write for an image. Pure values; {@link #parse} makes them. */
public sealed interface ImageRef {
  /**
   * Parses any form: hex, {@code sha3:<hex>}, a task package {@code hash:sha3:<hex>:<url>}, a CID,
   * {@code user/repo:tag}. {@link InvalidImageRefException} says in one line what is wrong.
   */
  static ImageRef parse(String text) {
    String trimmed = text.trim();
    String lower = trimmed.toLowerCase(Locale.ROOT);
    if (lower.startsWith("hash:") || TaskPackage.FORM.matcher(trimmed).find()) {
      return TaskPackage.parse(trimmed);
    }
    if (lower.startsWith("sha3:")) {
      return new Hash(ImageId.parseHex(trimmed.substring(5)));
    }
    // a CID in base16 is hex, too: "f" before whole bytes
    boolean hexCid = lower.startsWith("f01") && trimmed.length() % 2 == 1;
    if (!hexCid && trimmed.matches("[0-9a-fA-F]{40,}")) {
      return new Hash(ImageId.parseHex(trimmed));
    }
    if (trimmed.indexOf('/') >= 0) {
      return Tag.parse(trimmed);
    }
    if (trimmed.matches("[bBzkKfF][0-9a-zA-Z]{30,}") || trimmed.matches("Qm[0-9a-zA-Z]{44}")) {
      return new Hash(CidText.imageOf(trimmed));
    }
    throw new InvalidImageRefException(
        InvalidImageRefException.quoted(trimmed)
            + " names no image: give its hash in hex (56 digits), sha3:<hex>, hash:sha3:<hex>:<url>,"
            + " a CID, or user/repo:tag");
  }

  /** A hash in hex, {@code sha3:<hex>}, or a CID. */
  record Hash(ImageId image) implements ImageRef {}

  /**
   * {@code hash:sha3:<hex>:<url>}, as the exe-unit reads it.
   *
   * <p><b>Source:</b> yagna, location.rs: the form is searched for, what stands before it is
   * ignored.
   *
   * @param url as written
   * @param lastSegment of the URL's path, percent-decoded; empty if there is none
   */
  record TaskPackage(ImageId image, String url, Optional<String> lastSegment) implements ImageRef {
    private static final Pattern FORM =
        Pattern.compile(
            "hash:(?://)?([^:]+):(?:0x)?([0-9a-f]+):(.+)",
            Pattern.CASE_INSENSITIVE | Pattern.UNIX_LINES);

    static TaskPackage parse(String text) {
      Matcher form = FORM.matcher(text);
      if (!form.find()) {
        throw new InvalidImageRefException(
            InvalidImageRefException.quoted(text)
                + " is no task package: expected hash:sha3:<hex>:<url>");
      }
      if (!form.group(1).equals("sha3")) {
        throw new InvalidImageRefException(
            "task package with hash function "
                + InvalidImageRefException.quoted(form.group(1))
                + ": only sha3 is known");
      }
      return new TaskPackage(
          ImageId.parseHex(form.group(2)), form.group(3), UrlPath.lastSegment(form.group(3)));
    }
  }

  /** {@code user/repo:tag}, asked of the registry. */
  record Tag(String user, String repository, String tag) implements ImageRef {
    private static final Pattern FORM =
        Pattern.compile("([0-9a-zA-Z_.-]+)/([0-9a-zA-Z_.-]+)(?::([0-9a-zA-Z_.-]+))?");

    static Tag parse(String text) {
      Matcher form = FORM.matcher(text);
      if (!form.matches()) {
        throw new InvalidImageRefException(
            InvalidImageRefException.quoted(text) + " is no image tag: expected user/repo:tag");
      }
      String tag = form.group(3);
      return new Tag(form.group(1), form.group(2), tag == null ? "latest" : tag);
    }
  }
}
