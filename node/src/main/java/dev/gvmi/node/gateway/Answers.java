package dev.gvmi.node.gateway;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Answers one request after the other, whichever it is. <b>Thread:</b> any; blocks. */
final class Answers {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String JSON = "application/json";
  private static final String EXPOSITION = "text/plain; version=0.0.4; charset=utf-8";

  private final HostCheck hosts;
  private final ImageAnswer images;
  private final RegistryAnswers registry;
  private final Supplier<String> metrics;
  private final Supplier<Readiness> readiness;
  private final GatewayCounts counts;

  Answers(
      HostCheck hosts,
      ImageAnswer images,
      RegistryAnswers registry,
      Supplier<String> metrics,
      Supplier<Readiness> readiness,
      GatewayCounts counts) {
    this.hosts = hosts;
    this.images = images;
    this.registry = registry;
    this.metrics = metrics;
    this.readiness = readiness;
    this.counts = counts;
  }

  /** Answers it, or resets its connection. */
  void answer(Exchange exchange) {
    try {
      route(exchange);
    } catch (IOException e) {
      LOG.debug("{} {}: {}", exchange.request().method(), exchange.request().uri(), e.getMessage());
      exchange.reset();
    } catch (InterruptedException e) {
      exchange.reset();
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.warn("request to the gateway failed", e);
      exchange.reset();
    } finally {
      counts.answered(exchange.status(), exchange.sentBytes());
    }
  }

  private void route(Exchange exchange) throws IOException, InterruptedException {
    HttpHeaders headers = exchange.request().headers();
    if (!hosts.allows(
        only(headers, HttpHeaderNames.HOST.toString()),
        headers.get(HttpHeaderNames.ORIGIN),
        headers.get("Sec-Fetch-Site"))) {
      exchange.text(
          HttpResponseStatus.FORBIDDEN,
          TEXT,
          "the Host header names no address that this gateway listens at, or the request comes from a web page\n");
    } else {
      answer(Route.of(exchange.request().uri()), exchange);
    }
  }

  private static @Nullable String only(HttpHeaders headers, String name) {
    List<String> values = headers.getAll(name);
    return values.size() == 1 ? values.getFirst() : null;
  }

  private static boolean isPost(Route route) {
    return switch (route) {
      case Route.PushDescriptor r -> true;
      case Route.PushChunk r -> true;
      case Route.Attach r -> true;
      case Route.Login r -> true;
      case Route.Info r -> false;
      case Route.Download r -> false;
      case Route.Pushed r -> false;
      case Route.Status r -> false;
      case Route.Image r -> false;
      case Route.Metrics r -> false;
      case Route.Live r -> false;
      case Route.Ready r -> false;
      case Route.Unknown r -> false;
    };
  }

  private void answer(Route route, Exchange exchange) throws IOException, InterruptedException {
    HttpMethod method = exchange.request().method();
    boolean isRead = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    if (isPost(route) ? !method.equals(HttpMethod.POST) : !isRead) {
      exchange.methodNotAllowed(isPost(route) ? "POST" : "GET, HEAD");
      return;
    }
    switch (route) {
      case Route.OfRegistry asked -> registry.answer(asked, exchange);
      case Route.Image image -> images.answer(image, exchange);
      case Route.Metrics ignored -> exchange.text(HttpResponseStatus.OK, EXPOSITION, metrics.get());
      case Route.Live ignored -> exchange.text(HttpResponseStatus.OK, JSON, "{\"live\":true}\n");
      case Route.Ready ignored -> ready(exchange);
      case Route.Unknown unknown ->
          exchange.text(HttpResponseStatus.NOT_FOUND, TEXT, unknown.why() + "\n");
    }
  }

  private void ready(Exchange exchange) throws IOException, InterruptedException {
    Readiness now = readiness.get();
    ObjectNode node = JsonMapper.shared().createObjectNode().put("ready", now.isReady());
    now.faults().forEach(node.putArray("reasons")::add);
    now.notes().forEach(node.putArray("notes")::add);
    exchange.text(
        now.isReady() ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE,
        JSON,
        node + "\n");
  }
}
