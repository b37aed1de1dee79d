package dev.gvmi.node.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request and its answer: the line between the event loop, which writes, and the thread that
 * answers, which waits here until the client has taken what was written, but for one piece.
 *
 * <p><b>Thread:</b> the one that answers.
 */
final class Exchange {
  private final Channel channel;
  private final HttpRequest request;
  private final RequestBody body;
  private final GatewayLimits limits;
  private final Duration stalledAfter;
  private @Nullable ChannelFuture last;
  private boolean chunked;
  private int status;
  private long sentBytes;

  Exchange(Channel channel, HttpRequest request, RequestBody body, GatewayLimits limits) {
    this.channel = channel;
    this.request = request;
    this.body = body;
    this.limits = limits;
    this.stalledAfter = limits.stalledAfter();
  }

  HttpRequest request() {
    return request;
  }

  /** What the client sends beside the headers. */
  RequestBody body() {
    return body;
  }

  /** Who asks. */
  InetAddress remoteAddress() throws IOException {
    if (channel.remoteAddress() instanceof InetSocketAddress remote
        && remote.getAddress() != null) {
      return remote.getAddress();
    }
    throw new IOException("the client went away");
  }

  boolean isHead() {
    return request.method().equals(HttpMethod.HEAD);
  }

  /** Whether the client can take a body of which the length is not known. */
  boolean canBeChunked() {
    return request.protocolVersion().isKeepAliveDefault();
  }

  /** Of the answer; 0 while there is none. */
  int status() {
    return status;
  }

  /** Bytes of the body that the client has taken. */
  long sentBytes() {
    return sentBytes;
  }

  /** A whole answer. */
  void text(HttpResponseStatus code, String contentType, String text)
      throws IOException, InterruptedException {
    text(code, contentType, text, null);
  }

  /** A whole answer to a request by a method that there is not here. */
  void methodNotAllowed(String allowed) throws IOException, InterruptedException {
    text(
        HttpResponseStatus.METHOD_NOT_ALLOWED,
        "text/plain; charset=utf-8",
        "only " + allowed + "\n",
        allowed);
  }

  private void text(
      HttpResponseStatus code, String contentType, String text, @Nullable String allowed)
      throws IOException, InterruptedException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            code,
            isHead() ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(bytes));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
    response.headers().set("X-Content-Type-Options", "nosniff");
    if (allowed != null) {
      response.headers().set(HttpHeaderNames.ALLOW, allowed);
    }
    complete(code, response.headers(), response);
    sentBytes += isHead() ? 0 : bytes.length;
  }

  /**
   * An answer without a body, for HEAD among others: its headers are those of the body that there
   * would be.
   */
  void headOnly(HttpResponseStatus code, HttpHeaders headers)
      throws IOException, InterruptedException {
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, code, Unpooled.EMPTY_BUFFER);
    response.headers().set(headers);
    complete(code, response.headers(), response);
  }

  private void complete(HttpResponseStatus code, HttpHeaders headers, Object response)
      throws IOException, InterruptedException {
    status = code.code();
    boolean isHeard = body.drain();
    boolean keep =
        isHeard && HttpUtil.isKeepAlive(request) && !HttpUtil.is100ContinueExpected(request);
    keepAlive(headers, keep);
    body.close();
    if (isHeard) {
      finish(channel.writeAndFlush(response), keep);
    } else {
      linger(channel.writeAndFlush(response));
    }
  }

  /** The client would not see the answer if the connection were closed while it still sends. */
  private void linger(ChannelFuture written) throws IOException, InterruptedException {
    await(written);
    if (channel instanceof SocketChannel socket) {
      socket.shutdownOutput();
    }
    channel
        .eventLoop()
        .schedule(
            () -> {
              channel.close();
            },
            limits.lingerFor().toNanos(),
            TimeUnit.NANOSECONDS);
  }

  private static void keepAlive(HttpHeaders headers, boolean keep) {
    headers.set(HttpHeaderNames.CONNECTION, keep ? "keep-alive" : "close");
  }

  /** Begins an answer whose body follows. */
  void begin(HttpResponseStatus code, HttpHeaders headers) {
    status = code.code();
    DefaultHttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, code);
    response.headers().set(headers);
    chunked = HttpUtil.isTransferEncodingChunked(response);
    keepAlive(response.headers(), HttpUtil.isKeepAlive(request));
    channel.writeAndFlush(response, channel.voidPromise());
  }

  /** A piece of the body; returns when the one before it is taken. The buffer is released. */
  void write(ByteBuf piece) throws IOException, InterruptedException {
    int bytes = piece.readableBytes();
    ChannelFuture before = last;
    last = channel.writeAndFlush(new DefaultHttpContent(piece));
    if (before != null) {
      await(before);
    }
    sentBytes += bytes;
  }

  /** A piece of the body straight from a file, which is closed then; returns when it is taken. */
  void write(FileChannel file, long offset, long bytes) throws IOException, InterruptedException {
    FileRegion region = new DefaultFileRegion(file, offset, bytes);
    region.retain(); // what was transferred is asked for until the end
    try {
      ChannelFuture written = channel.writeAndFlush(region);
      long seen = -1;
      while (!written.await(stalledAfter.toNanos(), TimeUnit.NANOSECONDS)) {
        if (region.transferred() == seen) {
          throw new IOException("the client takes nothing");
        }
        seen = region.transferred();
      }
      sentBytes += region.transferred();
      await(written);
    } finally {
      region.release();
    }
  }

  /**
   * The good end of an answer that was begun. Where its length was said, the client has all of it
   * once the last piece is taken, and may have left by now.
   */
  void end() throws IOException, InterruptedException {
    if (last != null) {
      await(last);
    }
    ChannelFuture written = channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    if (chunked) {
      finish(written, HttpUtil.isKeepAlive(request));
    } else if (!HttpUtil.isKeepAlive(request)) {
      written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void finish(ChannelFuture written, boolean keep)
      throws IOException, InterruptedException {
    await(written);
    if (!keep) {
      channel.close().addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void await(ChannelFuture written) throws IOException, InterruptedException {
    if (!written.await(stalledAfter.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new IOException("the client takes nothing");
    }
    if (!written.isSuccess()) {
      throw new IOException("the connection ended", written.cause());
    }
  }

  /** Ends the connection so that the client sees a fault, not the end of the answer. */
  void reset() {
    status = 0;
    reset(channel);
  }

  static void reset(Channel channel) {
    try {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    } catch (ChannelException e) {
      assert !channel.isOpen() : e; // the client was faster
    }
    channel.close();
  }
}
