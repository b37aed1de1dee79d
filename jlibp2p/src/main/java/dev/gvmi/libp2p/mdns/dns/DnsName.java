package dev.gvmi.libp2p.mdns.dns;

import java.util.ArrayList;
import java.util.List;

/**
 * A domain name, such as {@code _p2p._udp.local}. Its labels hold bytes as ISO-8859-1 characters;
 * capital letters of ASCII become small ones, as names are equal without regard to case.
 *
 * @param labels the most special first; none: the root
 */
public record DnsName(List<String> labels) {
  /** With the length in front of each label and the root's 0. */
  public static final int MAX_BYTES = 255;

  public static final int MAX_LABEL_BYTES = 63;

  public DnsName {
    labels = labels.stream().map(DnsName::small).toList();
    int bytes = 1;
    for (String label : labels) {
      if (label.isEmpty() || label.length() > MAX_LABEL_BYTES) {
        throw new IllegalArgumentException("a label has 1 to 63 bytes, not " + label.length());
      }
      bytes += 1 + label.length();
    }
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException("a name has at most 255 bytes, not " + bytes);
    }
  }

  private static String small(String label) {
    if (label.chars().noneMatch(c -> c > 0xff || isCapital(c))) {
      return label;
    }
    StringBuilder small = new StringBuilder(label.length());
    for (int i = 0; i < label.length(); i++) {
      char c = label.charAt(i);
      if (c > 0xff) {
        throw new IllegalArgumentException("a label holds bytes");
      }
      small.append(isCapital(c) ? (char) (c + ('a' - 'A')) : c);
    }
    return small.toString();
  }

  private static boolean isCapital(int c) {
    return c >= 'A' && c <= 'Z';
  }

  /** Of a text whose dots all separate labels. */
  public static DnsName of(String text) {
    return new DnsName(List.of(text.split("\\.", -1)));
  }

  /** The name below this one. */
  public DnsName child(String label) {
    List<String> longer = new ArrayList<>();
    longer.add(label);
    longer.addAll(labels);
    return new DnsName(longer);
  }

  DnsName parent() {
    return new DnsName(labels.subList(1, labels.size()));
  }

  @Override
  public String toString() {
    return String.join(".", labels);
  }
}
