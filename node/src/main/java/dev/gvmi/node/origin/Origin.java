package dev.gvmi.node.origin;

import java.io.IOException;

/**
 * A place where an image can be had by HTTP.
 *
 * @param client under the rules for this place
 * @param lookup finds the URL, which may have to be asked for
 * @param name as users are told it
 * @param trusted whether the user chose it: nothing is evicted for what a stranger's server says of
 *     a size
 */
public record Origin(OriginClient client, Lookup lookup, String name, boolean trusted) {
  /** Finds a URL. Blocks. */
  @FunctionalInterface
  public interface Lookup {
    OriginUrl url() throws IOException;
  }
}
