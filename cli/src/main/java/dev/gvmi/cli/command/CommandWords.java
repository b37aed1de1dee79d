package dev.gvmi.cli.command;

import dev.gvmi.node.control.ServiceException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The words of a command, as a Dockerfile has them: a JSON array, or one word. */
final class CommandWords {
  private CommandWords() {}

  static List<String> parse(String option, String text) {
    if (!text.startsWith("[")) {
      return text.isEmpty() ? List.of() : List.of(text);
    }
    try {
      List<String> words = new ArrayList<>();
      for (JsonNode word : JsonMapper.shared().readTree(text)) {
        if (!word.isString()) {
          throw wrong(option, text);
        }
        words.add(word.asString());
      }
      return words;
    } catch (JacksonException e) {
      throw wrong(option, text);
    }
  }

  private static ServiceException wrong(String option, String text) {
    return new ServiceException(
        ServiceException.Kind.USAGE, option + " " + text + ": that is no JSON array of words");
  }
}
