package dev.gvmi.node.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A connection on which requests are written as the test says, and answers read as they come. */
public final class RawHttp implements AutoCloseable {
  private static final int LIMIT_MILLIS = 20_000;

  private final Socket socket = new Socket();
  private final InputStream in;

  /** The head of an answer; names of headers in lower case. */
  public record Head(int status, Map<String, String> headers) {
    public long length() {
      return Long.parseLong(headers.getOrDefault("content-length", "-1"));
    }
  }

  public RawHttp(InetSocketAddress address) throws IOException {
    socket.connect(address, LIMIT_MILLIS);
    socket.setSoTimeout(LIMIT_MILLIS);
    in = socket.getInputStream();
  }

  /** With the Host header that is right. */
  public RawHttp send(String method, String path, String... headers) throws IOException {
    StringBuilder text = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
    text.append("Host: 127.0.0.1:").append(socket.getPort()).append("\r\n");
    for (String header : headers) {
      text.append(header).append("\r\n");
    }
    return write(text + "\r\n");
  }

  public RawHttp write(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  public Head head() throws IOException {
    String status = line();
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      String[] field = line.split(": *", 2);
      headers.put(field[0].toLowerCase(Locale.ROOT), field[1]);
    }
    return new Head(Integer.parseInt(status.split(" ", 3)[1]), headers);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new IOException("the connection ended in a head");
      }
      line.append((char) next);
    }
    return line.toString().stripTrailing();
  }

  /** Up to so many bytes: fewer only at the end of the connection. */
  public byte[] body(long bytes) throws IOException {
    return in.readNBytes((int) bytes);
  }

  /** The body of an answer whose length is said. */
  public String text(Head head) throws IOException {
    return new String(body(head.length()), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
