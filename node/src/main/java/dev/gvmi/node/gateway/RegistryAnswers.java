package dev.gvmi.node.gateway;

import dev.gvmi.node.registry.Caller;
import dev.gvmi.node.registry.PushBody;
import dev.gvmi.node.registry.RegistryFace;
import dev.gvmi.node.registry.Reply;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers what the clients of Golem's registry ask: takes a request apart for {@code
 * node.registry}, and writes what that says.
 *
 * <p><b>Thread:</b> any; blocks.
 */
final class RegistryAnswers {
  private static final String BEARER = "Bearer ";

  /** Who asks for others says so in one of these. */
  private static final List<String> FORWARDED =
      List.of("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via");

  private final RegistryFace registry;
  private final ImageAnswer images;

  RegistryAnswers(RegistryFace registry, ImageAnswer images) {
    this.registry = registry;
    this.images = images;
  }

  void answer(Route.OfRegistry route, Exchange exchange) throws IOException, InterruptedException {
    switch (route) {
      case Route.Info info -> reply(registry.info(info.query()), exchange);
      case Route.Download download -> image(registry.download(download.query()), exchange);
      case Route.Pushed pushed -> image(registry.download(pushed.descriptor()), exchange);
      case Route.Status status -> reply(registry.status(status.descriptor()), exchange);
      case Route.Attach attach ->
          reply(registry.attach(caller(exchange), attach.descriptor(), body(exchange)), exchange);
      case Route.PushDescriptor push ->
          reply(registry.descriptor(caller(exchange), body(exchange)), exchange);
      case Route.PushChunk push ->
          reply(registry.chunk(caller(exchange), body(exchange)), exchange);
      case Route.Login login -> reply(registry.login(caller(exchange), body(exchange)), exchange);
    }
  }

  private static void reply(Reply reply, Exchange exchange)
      throws IOException, InterruptedException {
    String type = reply.isJson() ? "application/json" : "text/plain; charset=utf-8";
    exchange.text(HttpResponseStatus.valueOf(reply.status()), type, reply.text());
  }

  /** As for every image, what may come in a while is no answer but a reset. */
  private void image(RegistryFace.Download download, Exchange exchange)
      throws IOException, InterruptedException {
    switch (download) {
      case RegistryFace.Download.Of(var image) ->
          images.answer(new Route.Image(image, Optional.empty()), exchange);
      case RegistryFace.Download.None(Reply reply, boolean passes) -> {
        if (passes) {
          throw new ImageGoneException(reply.text().strip());
        }
        reply(reply, exchange);
      }
    }
  }

  private static PushBody body(Exchange exchange) {
    HttpHeaders headers = exchange.request().headers();
    return new PushBody(
        headers.get(HttpHeaderNames.CONTENT_TYPE),
        HttpUtil.getContentLength(exchange.request(), -1L),
        exchange.body());
  }

  private static Caller caller(Exchange exchange) throws IOException {
    HttpHeaders headers = exchange.request().headers();
    boolean isForwarded = FORWARDED.stream().anyMatch(headers::contains);
    InetAddress address = exchange.remoteAddress();
    boolean isLocal =
        address.isLoopbackAddress()
            && !isForwarded
            && HostCheck.namesLoopback(headers.get(HttpHeaderNames.HOST));
    return new Caller(
        address, isLocal, isForwarded, bearer(headers.get(HttpHeaderNames.AUTHORIZATION)));
  }

  private static @Nullable String bearer(@Nullable String authorization) {
    return authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? authorization.substring(BEARER.length()).strip()
        : null;
  }
}
