package dev.gvmi.libp2p.network.dns;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A name server on loopback that knows what a test tells it, and can be told to be silent. */
final class TestNameServer implements AutoCloseable {
  private record Key(String name, DnsRecordType type) {}

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Map<Key, List<byte[]>> records = new ConcurrentHashMap<>();
  private final Channel channel;
  private volatile boolean silent;

  TestNameServer() {
    channel =
        new Bootstrap()
            .group(loop)
            .channel(NioDatagramChannel.class)
            .handler(
                new ChannelInitializer<DatagramChannel>() {
                  @Override
                  protected void initChannel(DatagramChannel made) {
                    made.pipeline()
                        .addLast(
                            new DatagramDnsQueryDecoder(),
                            new DatagramDnsResponseEncoder(),
                            new Answers());
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  void silence() {
    silent = true;
  }

  TestNameServer host(String name, String ip) throws UnknownHostException {
    InetAddress address = InetAddress.getByName(ip);
    boolean ip4 = address.getAddress().length == 4;
    add(new Key(name, ip4 ? DnsRecordType.A : DnsRecordType.AAAA), address.getAddress());
    return this;
  }

  /** One record of these strings. */
  TestNameServer text(String name, String... strings) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String string : strings) {
      byte[] text = string.getBytes(StandardCharsets.UTF_8);
      bytes.write(text.length);
      bytes.writeBytes(text);
    }
    add(new Key(name, DnsRecordType.TXT), bytes.toByteArray());
    return this;
  }

  private void add(Key key, byte[] content) {
    records.computeIfAbsent(key, k -> new CopyOnWriteArrayList<>()).add(content);
  }

  private final class Answers extends SimpleChannelInboundHandler<DatagramDnsQuery> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramDnsQuery query) {
      if (silent) {
        return;
      }
      DatagramDnsResponse response =
          new DatagramDnsResponse(query.recipient(), query.sender(), query.id());
      response.setRecursionAvailable(true);
      DnsQuestion question = query.recordAt(DnsSection.QUESTION);
      response.addRecord(DnsSection.QUESTION, question);
      String name = question.name().substring(0, question.name().length() - 1);
      boolean known = records.keySet().stream().anyMatch(key -> key.name().equals(name));
      response.setCode(known ? DnsResponseCode.NOERROR : DnsResponseCode.NXDOMAIN);
      for (byte[] content : records.getOrDefault(new Key(name, question.type()), List.of())) {
        response.addRecord(
            DnsSection.ANSWER,
            new DefaultDnsRawRecord(
                question.name(), question.type(), 60, Unpooled.wrappedBuffer(content)));
      }
      ctx.writeAndFlush(response, ctx.voidPromise());
    }
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
