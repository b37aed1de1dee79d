package dev.gvmi.node.gateway;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection, one after the other, each answered on a thread of its own; a client that goes away interrupts it.
 *
 * <p><b>Thread:</b> the event loop of the connection.
 */
final class RequestHandler extends SimpleChannelInboundHandler<HttpObject> {
  private static final int MAX_IGNORED_BYTES = 65_536;

  private final Answers answers;
  private final GatewayLimits limits;
  private @Nullable HttpRequest incoming;
  private int ignoredBytes;

  /** The next one, of which the client sent before it had the end of the answer to the one before. */
  private @Nullable HttpRequest waiting;

  private @Nullable Thread answering;
  private @Nullable Future<?> patience;

  RequestHandler(Answers answers, GatewayLimits limits) {
    this.answers = answers;
    this.limits = limits;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    await(context);
  }

  private void await(ChannelHandlerContext context) {
    patience =
        context
            .executor()
            .schedule(
                () -> {
                  context.close();
                },
                limits.requestWithin().toNanos(),
                TimeUnit.NANOSECONDS);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
    if (part.decoderResult().isFailure()) {
      refuse(context);
      return;
    }
    if (part instanceof HttpRequest request) {
      incoming = request;
      ignoredBytes = 0;
    }
    if (part instanceof HttpContent content) {
      ignoredBytes += content.content().readableBytes();
      if (ignoredBytes > MAX_IGNORED_BYTES) {
        Exchange.reset(context.channel());
      }
    }
    HttpRequest request = incoming;
    if (part instanceof LastHttpContent && request != null) {
      incoming = null;
      take(context, request);
    }
  }

  private void refuse(ChannelHandlerContext context) {
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_REQUEST);
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0).set(HttpHeaderNames.CONNECTION, "close");
    if (answering == null) {
      context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    } else {
      response.release();
      Exchange.reset(context.channel());
    }
  }

  private void take(ChannelHandlerContext context, HttpRequest request) {
    if (answering == null) {
      start(context, request);
    } else if (waiting == null) {
      waiting = request;
    } else {
      Exchange.reset(context.channel());
    }
  }

  private void start(ChannelHandlerContext context, HttpRequest request) {
    Future<?> waited = patience;
    if (waited != null) {
      waited.cancel(false);
    }
    Exchange exchange = new Exchange(context.channel(), request, limits.stalledAfter());
    Thread thread =
        Thread.ofVirtual()
            .name("gateway-request")
            .unstarted(
                () -> {
                  answers.answer(exchange);
                  next(context);
                });
    answering = thread;
    thread.start();
  }

  /** On the thread that has answered. */
  private void next(ChannelHandlerContext context) {
    try {
      context.executor().execute(() -> answered(context));
    } catch (RejectedExecutionException e) {
      assert !context.channel().isOpen() : e; // the gateway has ended
    }
  }

  private void answered(ChannelHandlerContext context) {
    answering = null;
    HttpRequest next = waiting;
    waiting = null;
    if (next != null) {
      start(context, next);
    } else if (context.channel().isActive()) {
      await(context);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    waiting = null;
    Thread running = answering;
    if (running != null) {
      running.interrupt();
    }
    Future<?> waited = patience;
    if (waited != null) {
      waited.cancel(false);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    Exchange.reset(context.channel());
  }
}
