package dev.gvmi.libp2p.network.dns;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.gvmi.libp2p.network.AddressResolver;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the name servers of the machine, after its hosts file. Its thread is there from the first
 * question on. What it takes from a server is bounded by the size of a DNS message.
 *
 * <p><b>Thread:</b> any but its own.
 */
public final class DnsResolver implements AddressResolver {
  private static final int QUERY_MILLIS = 2_000;
  private static final int LIMIT_SECONDS = 6;
  private static final int MAX_QUERIES = 8;

  private final DnsServerAddressStreamProvider servers;

  @GuardedBy("this")
  private @Nullable DnsNameResolver resolver;

  @GuardedBy("this")
  private @Nullable EventLoopGroup loop;

  @GuardedBy("this")
  private boolean closed;

  /** With the name servers of the machine. */
  public DnsResolver() {
    this(DnsServerAddressStreamProviders.platformDefault());
  }

  DnsResolver(DnsServerAddressStreamProvider servers) {
    this.servers = servers;
  }

  private synchronized DnsNameResolver started() throws IOException {
    if (closed) {
      throw new IOException("the resolver is closed");
    }
    DnsNameResolver there = resolver;
    if (there != null) {
      return there;
    }
    EventLoopGroup thread =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("libp2p-dns", true), NioIoHandler.newFactory());
    DnsNameResolver made =
        new DnsNameResolverBuilder(thread.next())
            .datagramChannelType(NioDatagramChannel.class)
            .socketChannelType(NioSocketChannel.class)
            .nameServerProvider(servers)
            .resolvedAddressTypes(ResolvedAddressTypes.IPV4_PREFERRED)
            .completeOncePreferredResolved(false)
            .queryTimeoutMillis(QUERY_MILLIS)
            .maxQueriesPerResolve(MAX_QUERIES)
            .build();
    loop = thread;
    resolver = made;
    return made;
  }

  @Override
  public List<InetAddress> addresses(String name) throws IOException {
    return await(started().resolveAll(name), name);
  }

  @Override
  public List<String> texts(String name) throws IOException {
    List<DnsRecord> records =
        await(started().resolveAll(new DefaultDnsQuestion(name, DnsRecordType.TXT)), name);
    List<String> texts = new ArrayList<>();
    for (DnsRecord record : records) {
      if (record.type().equals(DnsRecordType.TXT) && record instanceof DnsRawRecord raw) {
        texts.add(text(raw.content()));
      }
      ReferenceCountUtil.release(record);
    }
    return texts;
  }

  /** The strings of one record, each with its length in front, are one text. */
  private static String text(ByteBuf content) {
    StringBuilder text = new StringBuilder();
    while (content.isReadable()) {
      int length = Math.min(content.readUnsignedByte(), content.readableBytes());
      text.append(content.readCharSequence(length, StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  private static <T> T await(Future<T> answer, String name) throws IOException {
    try {
      return answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      answer.cancel(false);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while looking up " + name);
    } catch (TimeoutException e) {
      answer.cancel(false);
      throw new IOException("no name server has answered for " + name, e);
    } catch (ExecutionException e) {
      throw new IOException("no name server knows " + name, e.getCause());
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (resolver != null && loop != null) {
      resolver.close();
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS)
          .awaitUninterruptibly(LIMIT_SECONDS, TimeUnit.SECONDS);
    }
  }
}
