package dev.gvmi.node.gateway;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection, one after the other, each answered on a thread of its own; a
 * client that goes away interrupts it.
 *
 * <p><b>Thread:</b> the event loop of the connection.
 */
final class RequestHandler extends SimpleChannelInboundHandler<HttpObject> {
  private static final int MAX_IGNORED_BYTES = 65_536;

  private final Answers answers;
  private final GatewayLimits limits;
  private @Nullable HttpRequest incoming;
  private int ignoredBytes;

  /** Of the request that is being read and has begun to be answered, or waits. */
  private @Nullable RequestBody body;

  /**
   * The next one, of which the client sent before it had the end of the answer to the one before.
   */
  private @Nullable Exchange waiting;

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
      begin(context, request);
    }
    if (part instanceof HttpContent content) {
      RequestBody receiving = body;
      if (receiving != null) {
        receive(receiving, content);
      } else {
        ignore(context, content);
      }
    }
  }

  /** A request with a body is answered while the body comes. */
  private void begin(ChannelHandlerContext context, HttpRequest request) {
    if (request.method().equals(HttpMethod.POST)) {
      RequestBody coming =
          new RequestBody(context.channel(), limits, HttpUtil.is100ContinueExpected(request));
      body = coming;
      take(context, new Exchange(context.channel(), request, coming, limits));
    } else {
      incoming = request;
      ignoredBytes = 0;
    }
  }

  private void receive(RequestBody receiving, HttpContent content) {
    receiving.offer(content.content().retain());
    if (content instanceof LastHttpContent) {
      body = null;
      receiving.end();
    }
  }

  /** Other methods have no bodies that say anything. */
  private void ignore(ChannelHandlerContext context, HttpContent content) {
    ignoredBytes += content.content().readableBytes();
    if (ignoredBytes > MAX_IGNORED_BYTES) {
      Exchange.reset(context.channel());
    }
    HttpRequest request = incoming;
    if (content instanceof LastHttpContent && request != null) {
      incoming = null;
      RequestBody none = new RequestBody(context.channel(), limits, false);
      none.end();
      take(context, new Exchange(context.channel(), request, none, limits));
    }
  }

  private void refuse(ChannelHandlerContext context) {
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_REQUEST);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_LENGTH, 0)
        .set(HttpHeaderNames.CONNECTION, "close");
    if (answering == null) {
      context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    } else {
      response.release();
      Exchange.reset(context.channel());
    }
  }

  private void take(ChannelHandlerContext context, Exchange exchange) {
    if (answering == null) {
      start(context, exchange);
    } else if (waiting == null) {
      waiting = exchange;
    } else {
      Exchange.reset(context.channel());
    }
  }

  private void start(ChannelHandlerContext context, Exchange exchange) {
    Future<?> waited = patience;
    if (waited != null) {
      waited.cancel(false);
    }
    Thread thread =
        Thread.ofVirtual()
            .name("gateway-request")
            .unstarted(() -> {
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
    Exchange next = waiting;
    waiting = null;
    if (next != null) {
      start(context, next);
    } else if (context.channel().isActive()) {
      await(context);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    RequestBody receiving = body;
    if (receiving != null) {
      receiving.fail();
    }
    Exchange next = waiting;
    if (next != null) {
      next.body().fail();
    }
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
