package dev.gvmi.cli.command;

import dev.gvmi.node.config.HttpAddress;

/** HOST:PORT of the command line. */
final class HttpConverter extends ValueConverter<String> {
  HttpConverter() {
    super(HttpAddress::checked);
  }
}
