package dev.gvmi.node;

import dev.gvmi.libp2p.Host;
import dev.gvmi.libp2p.HostLimits;
import dev.gvmi.libp2p.HostUsage;
import dev.gvmi.libp2p.muxer.yamux.WindowBudget;
import dev.gvmi.node.control.NodeService.LimitSummary;
import dev.gvmi.node.control.NodeService.LimitsRequest;
import dev.gvmi.node.schedule.ScheduleLimits;
import dev.gvmi.protocol.manifest.Geometry;
import dev.gvmi.protocol.manifest.Manifest;
import dev.gvmi.protocol.wire.WireLimits;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The bounds that this node keeps, as they are told to users. <b>Thread:</b> any. */
final class LimitList {
  private final Host host;
  private final HostLimits limits;
  private final Rates rates;

  LimitList(Host host, HostLimits limits, Rates rates) {
    this.host = host;
    this.limits = limits;
    this.rates = rates;
  }

  List<LimitSummary> list() {
    return Stream.of(rates(), connections(), streams(), transfer(), memory())
        .flatMap(List::stream)
        .toList();
  }

  /** Changes what the request names. */
  List<LimitSummary> change(LimitsRequest request) {
    rates.change(request);
    return list();
  }

  private List<LimitSummary> rates() {
    return List.of(
        limit(
            "upload",
            rates.uploads().all().limit().bytesPerSecond(),
            "bytes/s",
            "sent to all peers, shared alike"),
        limit(
            "upload-per-peer",
            rates.uploads().each().bytesPerSecond(),
            "bytes/s",
            "sent to one peer"),
        limit(
            "download",
            rates.downloads().all().limit().bytesPerSecond(),
            "bytes/s",
            "asked of all peers and origins"),
        limit(
            "download-per-peer",
            rates.downloads().each().bytesPerSecond(),
            "bytes/s",
            "asked of one peer"),
        limit(
            "origin", rates.origins().limit().bytesPerSecond(), "bytes/s", "asked of HTTP origins"),
        limit(
            "warm-up",
            rates.warmUps().limit().bytesPerSecond(),
            "bytes/s",
            "asked for before anybody waits for it"));
  }

  private List<LimitSummary> connections() {
    HostUsage usage = host.usage();
    return List.of(
        used(
            "connections",
            limits.connections(),
            usage.connections(),
            "in all, handshakes included"),
        used(
            "inbound-connections",
            limits.inboundConnections(),
            usage.inboundConnections(),
            "that peers made"),
        used(
            "outbound-connections",
            limits.outboundConnections(),
            usage.outboundConnections(),
            "that this node made"),
        used(
            "connections-per-ip",
            limits.connectionsPerIp(),
            usage.mostOfIp(),
            "from and to one address; used: the most of any"),
        used(
            "connections-per-peer",
            limits.connectionsPerPeer(),
            usage.mostOfPeer(),
            "to one peer; used: the most of any"),
        used(
            "pending-inbound",
            limits.pendingInbound(),
            usage.pendingInbound(),
            "accepted, not authenticated yet"),
        used(
            "pending-outbound",
            limits.pendingOutbound(),
            usage.pendingOutbound(),
            "addresses that are dialled at one time"));
  }

  private List<LimitSummary> streams() {
    HostUsage usage = host.usage();
    return List.of(
        streams("streams", limits.streams(), usage.streams(), "in all"),
        streams(
            "streams-per-connection",
            limits.streamsPerConnection(),
            usage.mostStreamsOfConnection(),
            "used: the most of any connection"),
        streams(
            "streams-per-peer-and-protocol",
            limits.streamsPerPeerAndProtocol(),
            usage.mostStreamsOfPeerAndProtocol(),
            "opened by one peer for one protocol; used: the most of any"));
  }

  private static List<LimitSummary> transfer() {
    ScheduleLimits schedule = ScheduleLimits.DEFAULT;
    return List.of(
        chunks(
            "in-flight-new-peer",
            schedule.newPeer(),
            "asked of a peer until its first chunk is verified"),
        chunks("in-flight-per-peer", schedule.perPeer(), "asked of one peer"),
        chunks("in-flight", schedule.inAll(), "asked of all peers, for one image"),
        bytes(
            "queued-per-peer",
            WireLimits.MAX_QUEUED_BYTES_PER_PEER,
            "asked for by one peer and not sent yet"),
        bytes("request", WireLimits.MAX_REQUEST_BYTES, "asked for by one request"),
        bytes("message", WireLimits.MAX_MESSAGE_BYTES, "of a control message"),
        bytes("manifest", Manifest.MAX_BYTES, "of a manifest"),
        bytes("image", Geometry.MAX_SIZE_BYTES, "of an image"));
  }

  private static List<LimitSummary> memory() {
    Runtime runtime = Runtime.getRuntime();
    return List.of(
        bytes("windows", WindowBudget.HOST_BYTES, "of receive windows, all connections"),
        bytes(
            "windows-per-connection",
            WindowBudget.CONNECTION_BYTES,
            "of receive windows, one connection"),
        new LimitSummary(
            "heap",
            runtime.maxMemory(),
            "bytes",
            runtime.totalMemory() - runtime.freeMemory(),
            "of the Java heap"));
  }

  private static LimitSummary used(String name, long limit, long used, String meaning) {
    return new LimitSummary(name, limit, "connections", used, meaning);
  }

  private static LimitSummary streams(String name, long limit, long used, String meaning) {
    return new LimitSummary(name, limit, "streams", used, meaning);
  }

  private static LimitSummary chunks(String name, int count, String meaning) {
    return bytes(name, (long) count * Geometry.CHUNK_BYTES, meaning);
  }

  private static LimitSummary bytes(String name, long limit, String meaning) {
    return limit(name, limit, "bytes", meaning);
  }

  private static LimitSummary limit(String name, long limit, String unit, String meaning) {
    @Nullable Long unknown = null;
    return new LimitSummary(name, limit, unit, unknown, meaning);
  }
}
