package dev.gvmi.node.origin;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Asks HTTP servers that strangers name.
 *
 * <p>Redirects are followed here, one by one, each under the same rules as the URL itself; the
 * address that was checked is the address connected to. Nothing is decompressed, no cookie kept, no
 * proxy used.
 *
 * <p><b>Thread:</b> any; calls block.
 *
 * <p><b>Errors:</b> {@link OriginException}.
 */
public final class OriginClient implements AutoCloseable {
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes\\s+(\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)", Pattern.CASE_INSENSITIVE);

  private final OriginLimits limits;
  private final CloseableHttpClient http;
  private final ServerTurns turns;
  private final ScheduledExecutorService timer;

  /**
   * A client under these rules.
   *
   * @param agent what it calls itself
   */
  public OriginClient(OriginLimits limits, AddressRules rules, NameLookup lookup, String agent) {
    this.limits = limits;
    this.turns = new ServerTurns(limits.connectionsPerOrigin());
    this.http =
        HttpClients.custom()
            .setConnectionManager(
                PoolingHttpClientConnectionManagerBuilder.create()
                    .setDnsResolver(new CheckedResolver(lookup, rules))
                    .setMaxConnPerRoute(limits.connectionsPerOrigin())
                    .setMaxConnTotal(limits.connections())
                    .setConnectionFactory(boundedHeads())
                    .setDefaultSocketConfig(
                        SocketConfig.custom()
                            .setSoTimeout(timeout(limits.idle().toMillis()))
                            .build())
                    .setDefaultConnectionConfig(
                        ConnectionConfig.custom()
                            .setConnectTimeout(timeout(limits.connect().toMillis()))
                            .setSocketTimeout(timeout(limits.idle().toMillis()))
                            .build())
                    .build())
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setConnectionRequestTimeout(timeout(limits.head().toMillis()))
                    .setProtocolUpgradeEnabled(false)
                    .build())
            .disableRedirectHandling()
            .disableContentCompression()
            .disableAutomaticRetries()
            .disableCookieManagement()
            .disableAuthCaching()
            .setUserAgent(agent)
            .build();
    ScheduledThreadPoolExecutor one =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("origin-timer").factory());
    one.setRemoveOnCancelPolicy(true);
    this.timer = one;
  }

  private static ManagedHttpClientConnectionFactory boundedHeads() {
    return ManagedHttpClientConnectionFactory.builder()
        .http1Config(
            Http1Config.custom()
                .setMaxHeaderCount(OriginLimits.HEAD_LINES)
                .setMaxLineLength(OriginLimits.HEAD_LINE_BYTES)
                .setMaxEmptyLineCount(4)
                .build())
        .build();
  }

  private static Timeout timeout(long millis) {
    return Timeout.ofMilliseconds(millis);
  }

  /**
   * What is asked for.
   *
   * @param from the first byte
   * @param end behind the last byte; {@link OriginBody#UNKNOWN} for all there are
   * @param tag of the bytes that the caller has already; null if there is none
   */
  public record Range(long from, long end, @Nullable String tag) {
    /** From the start to the end. */
    public static final Range ALL = new Range(0, OriginBody.UNKNOWN, null);

    boolean isAll() {
      return from == 0 && end == OriginBody.UNKNOWN;
    }

    String header() {
      return "bytes=" + from + "-" + (end == OriginBody.UNKNOWN ? "" : Long.toString(end - 1));
    }
  }

  /**
   * Opens an image. The body begins at 0 if the server does not know ranges, or has another image
   * by now.
   */
  @MustBeClosed
  public OriginBody open(OriginUrl url, Range range) throws IOException {
    Answer answer = answer(url, range, "application/octet-stream, */*;q=0.5", this);
    try {
      return body(answer, range);
    } catch (IOException | RuntimeException e) {
      answer.close();
      throw e;
    }
  }

  /** A small text, such as JSON: {@link OriginException} if it is larger than the limits say. */
  public byte[] get(OriginUrl url) throws IOException {
    return get(url, this);
  }

  /**
   * The same, of a host that the user chose.
   *
   * @param elsewhere asks the other hosts that it redirects to
   */
  byte[] get(OriginUrl url, OriginClient elsewhere) throws IOException {
    Answer answer = answer(url, Range.ALL, "application/json", elsewhere);
    ScheduledFuture<?> alarm = alarm(answer.request());
    try {
      requireStatus(answer, 200);
      HttpEntity entity = answer.response().getEntity();
      byte[] bytes =
          entity == null ? new byte[0] : entity.getContent().readNBytes(limits.answerBytes() + 1);
      if (bytes.length > limits.answerBytes()) {
        throw lasting("it answered with more than " + limits.answerBytes() + " bytes");
      }
      return bytes;
    } finally {
      alarm.cancel(false);
      answer.close();
    }
  }

  private record Answer(HttpGet request, ClassicHttpResponse response, ServerTurns.Turn turn) {
    OriginBody.Source source() {
      return new OriginBody.Source(request, response, turn::close);
    }

    /** For what is not read to its end. */
    void close() {
      request.cancel();
      try {
        response.close();
      } catch (IOException e) {
        // it is of no use any more
      } finally {
        turn.close();
      }
    }
  }

  private Answer answer(OriginUrl first, Range range, String accept, OriginClient elsewhere)
      throws IOException {
    OriginUrl url = first;
    for (int redirects = 0; ; redirects++) {
      OriginClient asks = url.host().equals(first.host()) ? this : elsewhere;
      Answer answer = asks.send(url, range, accept);
      String location = location(answer.response());
      if (location == null) {
        return answer;
      }
      answer.close();
      if (redirects == limits.redirects()) {
        throw lasting("it redirects more than " + limits.redirects() + " times");
      }
      try {
        url = url.redirect(location);
      } catch (IllegalArgumentException e) {
        throw new OriginException(
            OriginException.Kind.LASTING,
            "it redirects to what is not followed: " + e.getMessage(),
            e);
      }
    }
  }

  private static @Nullable String location(ClassicHttpResponse response) {
    return switch (response.getCode()) {
      case 301, 302, 303, 307, 308 -> header(response, "Location");
      default -> null;
    };
  }

  private Answer send(OriginUrl url, Range range, String accept) throws IOException {
    HttpGet request = new HttpGet(url.uri());
    request.setHeader("Accept", accept);
    request.setHeader("Accept-Encoding", "identity");
    String authorization = url.authorization();
    if (authorization != null) {
      request.setHeader("Authorization", authorization);
    }
    if (!range.isAll()) {
      request.setHeader("Range", range.header());
      if (range.tag() != null) {
        request.setHeader("If-Range", range.tag());
      }
    }
    ServerTurns.Turn turn = turns.take(url.server());
    ScheduledFuture<?> alarm = alarm(request);
    try {
      Answer answer = new Answer(request, http.executeOpen(null, request, null), turn);
      turn = () -> {};
      return answer;
    } catch (CheckedResolver.ForbiddenAddressException e) {
      throw new OriginException(OriginException.Kind.LASTING, text(e), e);
    } catch (UnknownHostException e) {
      throw new OriginException(OriginException.Kind.LASTING, "there is no host " + url.host(), e);
    } catch (InterruptedIOException e) {
      throw new OriginException(OriginException.Kind.PASSING, "it did not answer in time", e);
    } catch (IOException e) {
      boolean late = request.isCancelled();
      throw new OriginException(
          OriginException.Kind.PASSING, late ? "it did not answer in time" : text(e), e);
    } finally {
      alarm.cancel(false);
      turn.close();
    }
  }

  private static String text(IOException e) {
    return Objects.requireNonNullElse(e.getMessage(), e.toString()).replaceAll("\\s+", " ");
  }

  private ScheduledFuture<?> alarm(HttpGet request) {
    return timer.schedule(request::cancel, limits.head().toMillis(), TimeUnit.MILLISECONDS);
  }

  private OriginBody body(Answer answer, Range range) throws IOException {
    ClassicHttpResponse response = answer.response();
    String encoding = header(response, "Content-Encoding");
    if (encoding != null && !encoding.toLowerCase(Locale.ROOT).equals("identity")) {
      throw lasting("it sends the image in an encoding that was not asked for");
    }
    if (response.getCode() == 206 && !range.isAll()) {
      return part(answer, range);
    }
    if (response.getCode() == 416) {
      throw new OriginException(
          OriginException.Kind.SHORT, "it has no bytes from " + range.from() + " on");
    }
    requireStatus(answer, 200);
    HttpEntity entity = response.getEntity();
    long length = entity == null ? 0 : entity.getContentLength();
    if (length > limits.bodyBytes()) {
      throw new OriginException(
          OriginException.Kind.TOO_LONG,
          "it announces " + length + " bytes; an image has at most " + limits.bodyBytes());
    }
    return new OriginBody(
        answer.source(),
        0,
        length < 0 ? limits.bodyBytes() : length,
        length < 0 ? OriginBody.UNKNOWN : length);
  }

  private OriginBody part(Answer answer, Range range) throws IOException {
    String text = header(answer.response(), "Content-Range");
    Matcher form = CONTENT_RANGE.matcher(text == null ? "" : text.strip());
    if (!form.matches()) {
      throw lasting("it sends a part, but does not say which");
    }
    long from = Long.parseLong(form.group(1));
    long end = Long.parseLong(form.group(2)) + 1;
    long total = form.group(3).equals("*") ? OriginBody.UNKNOWN : Long.parseLong(form.group(3));
    boolean isAsked =
        from == range.from()
            && end > from
            && (range.end() == OriginBody.UNKNOWN || end <= range.end());
    if (!isAsked || end > limits.bodyBytes() || (total != OriginBody.UNKNOWN && end > total)) {
      throw lasting("it sends another part than was asked for");
    }
    return new OriginBody(answer.source(), from, end, total);
  }

  private static void requireStatus(Answer answer, int status) throws OriginException {
    int code = answer.response().getCode();
    if (code == 404 || code == 410) {
      throw OriginException.absent(code);
    }
    if (code != status) {
      boolean passes = code >= 500 || code == 408 || code == 425 || code == 429;
      throw new OriginException(
          passes ? OriginException.Kind.PASSING : OriginException.Kind.LASTING,
          "it answers with status " + code);
    }
  }

  private static @Nullable String header(ClassicHttpResponse response, String name) {
    Header header = response.getFirstHeader(name);
    return header == null ? null : header.getValue();
  }

  private static OriginException lasting(String message) {
    return new OriginException(OriginException.Kind.LASTING, message);
  }

  @Override
  public void close() {
    timer.shutdownNow();
    http.close(org.apache.hc.core5.io.CloseMode.IMMEDIATE);
  }
}
