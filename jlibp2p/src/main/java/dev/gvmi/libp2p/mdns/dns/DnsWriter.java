package dev.gvmi.libp2p.mdns.dns;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes one message. <b>Thread:</b> runs on one. */
final class DnsWriter {
  private static final int AUTHORITATIVE_RESPONSE = 0x8400;
  private static final int TRUNCATED = 0x0200;
  private static final int INTERNET = 1;
  private static final int TOP_BIT = 0x8000;
  private static final int MAX_POINTER = 0x3fff;

  private final ByteBuffer out = ByteBuffer.allocate(DnsLimits.DEFAULT.messageBytes());
  private final Map<DnsName, Integer> written = new HashMap<>();

  byte[] message(DnsMessage message) {
    try {
      put(message);
    } catch (BufferOverflowException e) {
      throw new IllegalArgumentException("a message of more than " + out.capacity() + " bytes", e);
    }
    byte[] bytes = new byte[out.flip().remaining()];
    out.get(bytes);
    return bytes;
  }

  private void put(DnsMessage message) {
    out.putShort((short) 0);
    u16((message.response() ? AUTHORITATIVE_RESPONSE : 0) | (message.truncated() ? TRUNCATED : 0));
    u16(message.questions().size());
    u16(message.answers().size());
    u16(0);
    u16(message.additionals().size());
    message.questions().forEach(this::question);
    message.answers().forEach(this::record);
    message.additionals().forEach(this::record);
  }

  private void question(DnsQuestion question) {
    name(question.name());
    u16(question.type());
    u16(INTERNET | (question.unicast() ? TOP_BIT : 0));
  }

  private void record(DnsRecord record) {
    name(record.name());
    u16(record.type());
    boolean shared = record instanceof DnsRecord.Ptr;
    u16(INTERNET | (shared ? 0 : TOP_BIT));
    out.putInt(record.ttlSeconds());
    int lengthAt = out.position();
    u16(0);
    data(record);
    out.putShort(lengthAt, (short) (out.position() - lengthAt - 2));
  }

  private void data(DnsRecord record) {
    switch (record) {
      case DnsRecord.Ptr ptr -> name(ptr.target());
      case DnsRecord.Txt txt -> texts(txt.texts());
      case DnsRecord.Srv srv -> {
        out.putInt(0);
        u16(srv.port());
        name(srv.target());
      }
      case DnsRecord.Address address -> out.put(address.address().getAddress());
      case DnsRecord.Other other ->
          throw new IllegalArgumentException("nobody knows the data of type " + other.type());
    }
  }

  private void texts(List<String> texts) {
    for (String text : texts) {
      counted(text);
    }
  }

  private void name(DnsName name) {
    DnsName rest = name;
    while (!rest.labels().isEmpty()) {
      Integer before = written.get(rest);
      if (before != null) {
        u16(0xc000 | before);
        return;
      }
      if (out.position() <= MAX_POINTER) {
        written.put(rest, out.position());
      }
      counted(rest.labels().getFirst());
      rest = rest.parent();
    }
    out.put((byte) 0);
  }

  private void counted(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    out.put((byte) bytes.length).put(bytes);
  }

  private void u16(int value) {
    out.putShort((short) value);
  }
}
