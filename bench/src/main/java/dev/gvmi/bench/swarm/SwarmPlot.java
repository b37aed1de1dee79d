package dev.gvmi.bench.swarm;

import com.google.errorprone.annotations.FormatMethod;
import java.util.List;
import java.util.Locale;

/** Draws what part of all had the image, after how long, as SVG. */
final class SwarmPlot {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 400;
  private static final int LEFT = 60;
  private static final int TOP = 20;
  private static final int RIGHT = 20;
  private static final int BOTTOM = 50;
  private static final int POINTS = 400;
  private static final int STEPS = 10;
  private static final List<String> COLOURS = List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7");

  private final List<SwarmReport> reports;
  private final double end;
  private final StringBuilder out = new StringBuilder();

  SwarmPlot(List<SwarmReport> reports) {
    this.reports = reports;
    double last = reports.stream().mapToDouble(report -> report.part(1)).max().orElse(1);
    this.end = Math.ceil(last / STEPS) * STEPS;
  }

  String svg() {
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
            + " font-size=\"12\">",
        WIDTH, HEIGHT);
    add("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT);
    axes();
    for (int i = 0; i < reports.size(); i++) {
      curve(reports.get(i), i);
    }
    add("</svg>");
    return out.toString();
  }

  private void axes() {
    for (int i = 0; i <= STEPS; i++) {
      double x = x(end * i / STEPS);
      add("<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/>", x, x, TOP, y(0));
      add(
          "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.0f</text>",
          x, y(0) + 18, end * i / STEPS);
    }
    for (int percent = 0; percent <= 100; percent += 25) {
      double y = y(percent / 100.0);
      add(
          "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>",
          LEFT, WIDTH - RIGHT, y, y);
      add("<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%d %%</text>", LEFT - 6, y + 4, percent);
    }
    add(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">seconds since a node began</text>",
        (LEFT + WIDTH) / 2, HEIGHT - 10);
  }

  private void curve(SwarmReport report, int number) {
    String colour = COLOURS.get(number % COLOURS.size());
    StringBuilder points = new StringBuilder();
    for (int i = 1; i <= POINTS; i++) {
      double part = (double) i / POINTS;
      points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(report.part(part)), y(part)));
    }
    add(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
        points.toString().strip(), colour);
    double bound = x(report.bestSeconds());
    add(
        "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.1f\" stroke=\"%s\" stroke-dasharray=\"4"
            + " 4\"/>",
        bound, bound, TOP, y(0), colour);
    add(
        "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s (dashed: bound)</text>",
        LEFT + 10, TOP + 18 * (number + 1), colour, report.scenario().name());
  }

  private double x(double seconds) {
    return LEFT + Math.min(1, seconds / end) * (WIDTH - LEFT - RIGHT);
  }

  private double y(double part) {
    return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM);
  }

  @FormatMethod
  private void add(String line, Object... values) {
    out.append(String.format(Locale.ROOT, line, values)).append('\n');
  }
}
