package dev.gvmi.node.origin;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP server on loopback that answers as the test wants, byte by byte. One request on each
 * connection.
 */
public final class RawHttpServer implements AutoCloseable {
  private final ServerSocket listener;
  private final Handler handler;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = Collections.newSetFromMap(new ConcurrentHashMap<>());
  private final AtomicInteger most = new AtomicInteger();

  /** What came; names of headers in lower case. */
  public record Request(String target, Map<String, String> headers) {
    public Optional<String> header(String name) {
      return Optional.ofNullable(headers.get(name));
    }

    /** Where the range asked for begins, 0 without one. */
    public long from() {
      return header("range")
          .map(r -> Long.parseLong(r.replaceAll("bytes=(\\d+)-.*", "$1")))
          .orElse(0L);
    }

    /** Behind the range asked for, {@code size} if it has no end. */
    public long end(long size) {
      String range = header("range").orElse("bytes=0-");
      String last = range.substring(range.indexOf('-') + 1);
      return last.isEmpty() ? size : Math.min(size, Long.parseLong(last) + 1);
    }
  }

  /** Answers a request. */
  @FunctionalInterface
  public interface Handler {
    void answer(Request request, OutputStream out) throws IOException;
  }

  public RawHttpServer(Handler handler) throws IOException {
    this.handler = handler;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("raw-http").start(this::accept);
  }

  public String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  public int port() {
    return listener.getLocalPort();
  }

  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** Connections that were open at one time, at most. */
  public int mostConnections() {
    return most.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        Thread.ofVirtual().name("raw-http-connection").start(() -> serve(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket socket) {
    open.add(socket);
    most.accumulateAndGet(open.size(), Math::max);
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      String first = line(in);
      Map<String, String> headers = new HashMap<>();
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        int colon = line.indexOf(':');
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      Request request = new Request(first.split(" ", 3)[1], headers);
      requests.add(request);
      OutputStream out = socket.getOutputStream();
      handler.answer(request, out);
      out.flush();
      socket.shutdownOutput();
    } catch (IOException | UncheckedIOException | IndexOutOfBoundsException e) {
      // the client left
    } finally {
      open.remove(socket);
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  /** The head of an answer; its connection ends with it. */
  public static void head(OutputStream out, String status, String... headers) throws IOException {
    String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    out.write(
        ("HTTP/1.1 " + status + "\r\nConnection: close\r\n" + lines + "\r\n")
            .getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  public static void text(OutputStream out, String status, String body, String... headers)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String[] all = Arrays.copyOf(headers, headers.length + 1);
    all[headers.length] = "Content-Length: " + bytes.length;
    head(out, status, all);
    out.write(bytes);
  }

  /** Sends a file as a good server does, ranges included. */
  public static Handler file(byte[] bytes) {
    return (request, out) -> {
      int from = (int) request.from();
      int end = (int) request.end(bytes.length);
      if (from >= bytes.length) {
        text(out, "416 Range Not Satisfiable", "", "Content-Range: bytes */" + bytes.length);
      } else if (request.header("range").isPresent()) {
        head(
            out,
            "206 Partial Content",
            "Content-Length: " + (end - from),
            "ETag: \"one\"",
            "Content-Range: bytes " + from + "-" + (end - 1) + "/" + bytes.length);
        out.write(bytes, from, end - from);
      } else {
        head(
            out,
            "200 OK",
            "Content-Length: " + bytes.length,
            "Accept-Ranges: bytes",
            "ETag: \"one\"");
        out.write(bytes);
      }
    };
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
