package dev.gvmi.node.registry;

/**
 * What a client is answered.
 *
 * @param status of HTTP
 */
public record Reply(int status, boolean isJson, String text) {
  static Reply text(int status, String line) {
    return new Reply(status, false, line.replaceAll("\\p{Cntrl}", " ") + "\n");
  }

  static Reply json(int status, String json) {
    return new Reply(status, true, json);
  }
}
