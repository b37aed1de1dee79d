package dev.gvmi.node.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;

/**
 * Downloads as the exe-unit of the Golem provider does: HEAD first, the status is never looked at,
 * what is left of an attempt is gone on with by Range, a reset and a timeout are tried again (3
 * attempts), a clean short end and a wrong hash are not.
 *
 * <p><b>Source:</b> yagna 0.17.6, exe-unit/components/transfer; awc 3.8.
 */
public final class ExeUnitClient {
  private static final int HEAD_MILLIS = 5000;
  private static final int ATTEMPTS = 3;

  private final InetSocketAddress address;
  private final String path;
  private final IntConsumer beforeRetry;
  private final List<String> log = new ArrayList<>();
  private byte[] file = {};

  /** How it ended. */
  public enum End {
    DOWNLOADED,
    WRONG_HASH,
    SHORT,
    GAVE_UP
  }

  /** What is read of an answer's head; negative where there is none. */
  private record Head(boolean ranges, long length, boolean chunked) {}

  /** The clean end of a body that is not whole. */
  private static final class ShortBodyException extends IOException {
    private static final long serialVersionUID = 1;

    ShortBodyException() {
      super("the body ended too early");
    }
  }

  /**
   * A client.
   *
   * @param beforeRetry told which attempt is next, where the exe-unit waits for 2 and then 4
   *     seconds
   */
  public ExeUnitClient(InetSocketAddress address, String path, IntConsumer beforeRetry) {
    this.address = address;
    this.path = path;
    this.beforeRetry = beforeRetry;
  }

  /** What was asked, and how attempts ended. */
  public List<String> log() {
    return List.copyOf(log);
  }

  /** What it has of the image. */
  public byte[] file() {
    return file.clone();
  }

  /** Downloads. */
  public End download(String sha3) throws IOException {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      if (attempt > 1) {
        beforeRetry.accept(attempt);
      }
      try {
        transfer();
        return sha3.equals(hash(file)) ? End.DOWNLOADED : End.WRONG_HASH;
      } catch (ShortBodyException e) {
        log.add("short end after " + file.length);
        return End.SHORT;
      } catch (SocketTimeoutException | SocketException e) {
        log.add("attempt " + attempt + " ended after " + file.length + ": " + e.getMessage());
      }
    }
    return End.GAVE_UP;
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA3-224").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void transfer() throws IOException {
    long offset = file.length;
    Head head;
    try (Socket socket = send("HEAD", 0)) {
      head = head(socket.getInputStream());
    }
    if (offset != 0 && !head.ranges()) {
      offset = 0;
      file = new byte[0];
    }
    if (head.length() >= 0 && offset >= head.length()) {
      return;
    }
    try (Socket socket = send("GET", offset)) {
      InputStream in = socket.getInputStream();
      Head body = head(in);
      socket.setSoTimeout(0);
      append(in, body);
    }
  }

  private Socket send(String method, long offset) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(address, HEAD_MILLIS);
      socket.setSoTimeout(HEAD_MILLIS);
      String request = method + " " + path + (offset > 0 ? " bytes=" + offset + "-" : "");
      log.add(request);
      String text =
          method
              + " "
              + path
              + " HTTP/1.1\r\nHost: 127.0.0.1:"
              + address.getPort()
              + "\r\nAccept-Encoding: br, gzip, deflate, zstd\r\n"
              + (offset > 0 ? "Range: bytes=" + offset + "-\r\n" : "")
              + "\r\n";
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static Head head(InputStream in) throws IOException {
    boolean ranges = false;
    boolean chunked = false;
    long length = -1;
    line(in); // the status is not looked at
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      String[] field = line.split(": *", 2);
      switch (field[0].toLowerCase(Locale.ROOT)) {
        case "accept-ranges" -> ranges = field[1].equals("bytes");
        case "content-length" -> length = Long.parseLong(field[1]);
        case "transfer-encoding" -> chunked = field[1].equals("chunked");
        case "content-encoding" -> throw new IOException("an encoding: " + line);
        default -> {}
      }
    }
    return new Head(ranges, length, chunked);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new SocketException("response parse error");
      }
      line.write(next);
    }
    return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
  }

  /** Whatever comes is of the image. */
  private void append(InputStream in, Head head) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(file);
    try {
      if (head.chunked()) {
        for (long size = Long.parseLong(line(in), 16);
            size > 0;
            size = Long.parseLong(line(in), 16)) {
          copy(in, size, all);
          line(in);
        }
      } else {
        copy(in, head.length(), all);
      }
    } finally {
      file = all.toByteArray();
    }
  }

  private static void copy(InputStream in, long length, ByteArrayOutputStream out)
      throws IOException {
    byte[] buffer = new byte[65_536];
    long left = length;
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        throw new ShortBodyException();
      }
      out.write(buffer, 0, read);
      left -= read;
    }
  }
}
