package dev.gvmi.libp2p.security.tls;

import dev.gvmi.libp2p.peer.HostKey;
import dev.gvmi.libp2p.peer.PeerId;
import dev.gvmi.libp2p.security.SecurityProtocol;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslHandler;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.3 with certificates that are bound to the host keys, in Netty's handler: by BoringSSL's
 * engine, or the JDK's where its library is not built for the machine.
 *
 * <p>The public-key work of handshakes (milliseconds for each) runs on the executor, not on the
 * event loop: a flood of handshakes waits for itself there, and the data of other connections flows
 * on. How many wait is bounded by the host's limit of pending connections.
 *
 * <p>A dialler may be done before the listener has judged its certificate: a refusal then shows as
 * a connection that ends at its first read.
 *
 * <p><b>Thread:</b> any.
 *
 * <p><b>Source:</b> libp2p TLS specification 1.0; inlined muxer negotiation by ALPN, libp2p
 * connections specification.
 */
public final class TlsSecurity implements SecurityProtocol {
  private static final long CLOSE_FLUSH_MILLIS = 1000;

  private final Supplier<TlsEngines> issue;
  private final InstantSource clock;
  private final Executor handshakes;
  private @Nullable TlsEngines engines;

  /**
   * Security for a host; its certificate is made by {@link #prepare}, or else for the first
   * connection.
   *
   * @param muxers offered inside the handshake, in order of preference; empty leaves the choice to
   *     multistream-select
   * @param handshakes runs the public-key work
   */
  public TlsSecurity(
      HostKey key,
      List<String> muxers,
      SecureRandom random,
      InstantSource clock,
      Executor handshakes) {
    this(key, muxers, random, clock, handshakes, NativeEngines::areThere);
  }

  /** With BoringSSL's engines, or the JDK's. */
  TlsSecurity(
      HostKey key,
      List<String> muxers,
      SecureRandom random,
      InstantSource clock,
      Executor handshakes,
      BooleanSupplier isNative) {
    this.issue =
        () -> {
          TlsCertificate own = TlsCertificate.issue(key, random, clock.instant());
          return isNative.getAsBoolean()
              ? new NativeEngines(own, muxers)
              : new JdkEngines(own, muxers, random);
        };
    this.clock = clock;
    this.handshakes = NamelessCertificates.within(handshakes);
  }

  @Override
  public String id() {
    return "/tls/1.0.0";
  }

  /**
   * Issues the certificate and loads the library: a quarter of a second of a new process, or longer
   * where it is busy.
   */
  @Override
  public void prepare() {
    engines();
  }

  @Override
  public ChannelHandler newHandler(boolean initiator, @Nullable PeerId expected) {
    PeerTrust trust = new PeerTrust(expected, clock);
    return new TlsHandler(allocator -> handler(initiator, trust, allocator), trust);
  }

  private SslHandler handler(boolean initiator, PeerTrust trust, ByteBufAllocator allocator) {
    SSLEngine engine = engines().create(initiator, trust, allocator);
    SslHandler tls = new SslHandler(engine, handshakes);
    tls.setHandshakeTimeoutMillis(0); // the upgrade has one limit for all its steps
    tls.setCloseNotifyFlushTimeoutMillis(CLOSE_FLUSH_MILLIS);
    return tls;
  }

  private synchronized TlsEngines engines() {
    TlsEngines made = engines;
    if (made == null) {
      made = issue.get();
      engines = made;
    }
    return made;
  }
}
