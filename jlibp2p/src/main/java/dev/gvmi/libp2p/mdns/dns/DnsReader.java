package dev.gvmi.libp2p.mdns.dns;

import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads one message. <b>Thread:</b> runs on one. */
final class DnsReader {
  private static final int RESPONSE = 0x8000;
  private static final int TRUNCATED = 0x0200;
  private static final int OPCODE_AND_ERROR = 0x780f;
  private static final int TOP_BIT = 0x8000;
  private static final int INTERNET = 1;
  private static final int LEAST_RECORD_BYTES = 11;
  private static final int LEAST_QUESTION_BYTES = 5;

  private final byte[] bytes;
  private final ByteBuffer in;
  private final DnsLimits limits;

  DnsReader(byte[] bytes, DnsLimits limits) {
    this.bytes = bytes;
    this.in = ByteBuffer.wrap(bytes);
    this.limits = limits;
  }

  DnsMessage message() throws ProtocolException {
    if (bytes.length > limits.messageBytes()) {
      throw new ProtocolException("a DNS message of " + bytes.length + " bytes");
    }
    need(12);
    in.getShort(); // an id means nothing to a group
    int flags = u16();
    if ((flags & OPCODE_AND_ERROR) != 0) {
      throw new ProtocolException("DNS opcode or error, flags " + flags);
    }
    int[] counts = {u16(), u16(), u16(), u16()};
    checkCounts(counts);
    List<DnsQuestion> questions = questions(counts[0]);
    List<DnsRecord> answers = records(counts[1]);
    records(counts[2]);
    List<DnsRecord> additionals = records(counts[3]);
    if (in.hasRemaining()) {
      throw new ProtocolException(in.remaining() + " bytes after a DNS message");
    }
    return new DnsMessage(
        (flags & RESPONSE) != 0, (flags & TRUNCATED) != 0, questions, answers, additionals);
  }

  private void checkCounts(int[] counts) throws ProtocolException {
    int records = counts[1] + counts[2] + counts[3];
    if (counts[0] > limits.questions() || records > limits.records()) {
      throw new ProtocolException(
          "a DNS message of " + counts[0] + " questions and " + records + " records");
    }
    need(counts[0] * LEAST_QUESTION_BYTES + records * LEAST_RECORD_BYTES);
  }

  private List<DnsQuestion> questions(int count) throws ProtocolException {
    List<DnsQuestion> questions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      DnsName name = name();
      need(4);
      int type = u16();
      int asked = u16();
      int inClass = asked & ~TOP_BIT;
      if (inClass == INTERNET || inClass == DnsQuestion.ANY) {
        questions.add(new DnsQuestion(name, type, (asked & TOP_BIT) != 0));
      }
    }
    return questions;
  }

  private List<DnsRecord> records(int count) throws ProtocolException {
    List<DnsRecord> records = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      DnsName name = name();
      need(10);
      int type = u16();
      int inClass = u16() & ~TOP_BIT;
      int ttlSeconds = Math.max(0, in.getInt());
      int length = u16();
      need(length);
      int end = in.position() + length;
      records.add(
          inClass == INTERNET
              ? record(name, type, ttlSeconds, end)
              : other(name, type, ttlSeconds, end));
      if (in.position() != end) {
        throw new ProtocolException("data of a DNS record ends elsewhere than it says");
      }
    }
    return records;
  }

  private DnsRecord record(DnsName name, int type, int ttlSeconds, int end)
      throws ProtocolException {
    return switch (type) {
      case DnsRecord.PTR -> new DnsRecord.Ptr(name, ttlSeconds, name());
      case DnsRecord.TXT -> new DnsRecord.Txt(name, ttlSeconds, texts(end));
      case DnsRecord.SRV -> {
        need(6);
        in.getInt(); // priority and weight
        yield new DnsRecord.Srv(name, ttlSeconds, u16(), name());
      }
      case DnsRecord.A -> new DnsRecord.Address(name, ttlSeconds, address(4));
      case DnsRecord.AAAA -> new DnsRecord.Address(name, ttlSeconds, address(16));
      default -> other(name, type, ttlSeconds, end);
    };
  }

  private DnsRecord other(DnsName name, int type, int ttlSeconds, int end) {
    in.position(end);
    return new DnsRecord.Other(name, ttlSeconds, type);
  }

  private List<String> texts(int end) throws ProtocolException {
    List<String> texts = new ArrayList<>();
    while (in.position() < end) {
      int length = in.get() & 0xff;
      if (length > end - in.position()) {
        throw new ProtocolException("a DNS text is cut");
      }
      texts.add(text(length));
    }
    if (texts.isEmpty()) {
      throw new ProtocolException("a TXT record without a text");
    }
    return texts;
  }

  private String text(int length) {
    String text = new String(bytes, in.position(), length, StandardCharsets.ISO_8859_1);
    in.position(in.position() + length);
    return text;
  }

  private InetAddress address(int length) throws ProtocolException {
    need(length);
    byte[] address = new byte[length];
    in.get(address);
    try {
      return InetAddress.getByAddress(address);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an IP address has 4 or 16 bytes", e);
    }
  }

  /** Each part of a name begins before the part that points to it: so it ends. */
  private DnsName name() throws ProtocolException {
    List<String> labels = new ArrayList<>();
    int at = in.position();
    int partStart = at;
    int after = -1;
    int length = 1;
    while (true) {
      int head = at(at);
      if (head == 0) {
        in.position(after < 0 ? at + 1 : after);
        return new DnsName(labels);
      } else if (head >= 0xc0) {
        int target = (head & 0x3f) << 8 | at(at + 1);
        after = after < 0 ? at + 2 : after;
        if (target >= partStart) {
          throw new ProtocolException("a DNS name points forward");
        }
        at = target;
        partStart = target;
      } else {
        length += 1 + head;
        if (head > DnsName.MAX_LABEL_BYTES
            || length > DnsName.MAX_BYTES
            || labels.size() == limits.labels()) {
          throw new ProtocolException("a DNS name or label is too long");
        }
        at(at + head);
        labels.add(new String(bytes, at + 1, head, StandardCharsets.ISO_8859_1));
        at += 1 + head;
      }
    }
  }

  private int at(int index) throws ProtocolException {
    if (index >= bytes.length) {
      throw new ProtocolException("a DNS message is cut");
    }
    return bytes[index] & 0xff;
  }

  private int u16() {
    return in.getShort() & 0xffff;
  }

  private void need(int more) throws ProtocolException {
    if (in.remaining() < more) {
      throw new ProtocolException("a DNS message is cut");
    }
  }
}
