package dev.gvmi.cli.output;

import java.io.PrintStream;

/** Standard output and standard error of the process. <b>Thread:</b> any. */
public final class Console {
  private final PrintStream out;
  private final PrintStream err;
  private final boolean terminal;

  public Console(PrintStream out, PrintStream err, boolean terminal) {
    this.out = out;
    this.err = err;
    this.terminal = terminal;
  }

  // NullAway knows System.console() as nullable, error-prone as not.
  @SuppressWarnings("SystemConsoleNull")
  public static Console system() {
    java.io.Console console = System.console();
    // isTerminal is true only if both ends are one, so that "2>file" and pipes get no progress
    // line.
    return new Console(System.out, System.err, console != null && console.isTerminal());
  }

  public PrintStream out() {
    return out;
  }

  public PrintStream err() {
    return err;
  }

  /** Whether a person sees standard error as it comes. */
  public boolean terminal() {
    return terminal;
  }

  public void line(String text) {
    out.println(text);
    out.flush();
  }

  public void errorLine(String text) {
    err.println(text);
    err.flush();
  }

  /** With {@code -v} only. */
  public void stackTrace(Throwable failure) {
    failure.printStackTrace(err);
  }

  void bytes(byte[] bytes, int length, boolean errors) {
    PrintStream stream = errors ? err : out;
    stream.write(bytes, 0, length);
    stream.flush();
  }

  void raw(String text) {
    err.print(text);
    err.flush();
  }
}
