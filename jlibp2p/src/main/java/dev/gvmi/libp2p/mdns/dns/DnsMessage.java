package dev.gvmi.libp2p.mdns.dns;

import java.net.ProtocolException;
import java.util.List;

/**
 * A message of multicast DNS: a query, or a response. What the authority section has is checked,
 * and left out.
 *
 * <p><b>Shape:</b> big-endian
 *
 * <pre>
 * id        2   0
 * flags     2   0x8000 response, 0x0400 authoritative, 0x0200 truncated; opcode and error are 0
 * counts    4x2 questions, answers, authorities, additionals
 * question: name, type 2, class 2 (0x8000: a unicast answer will do)
 * record:   name, type 2, class 2 (0x8000: replaces older ones), time to live 4, length 2, data
 * name:     labels of a length 1..63 and so many bytes, then 0 or 0xc000 + where in the message it goes on
 * </pre>
 *
 * <p><b>Source:</b> RFC 1035 section 4, RFC 6762 section 18.
 *
 * @param truncated of a query: more known answers follow in another message
 * @param answers of a query: what the asker knows already
 */
public record DnsMessage(
    boolean response,
    boolean truncated,
    List<DnsQuestion> questions,
    List<DnsRecord> answers,
    List<DnsRecord> additionals) {
  public DnsMessage {
    questions = List.copyOf(questions);
    answers = List.copyOf(answers);
    additionals = List.copyOf(additionals);
  }

  public static DnsMessage query(DnsQuestion question, List<? extends DnsRecord> known) {
    return new DnsMessage(false, false, List.of(question), List.copyOf(known), List.of());
  }

  public static DnsMessage response(
      List<? extends DnsRecord> answers, List<? extends DnsRecord> additionals) {
    return new DnsMessage(true, false, List.of(), List.copyOf(answers), List.copyOf(additionals));
  }

  /** Takes nothing over a limit, and no name that does not point back. */
  public static DnsMessage decode(byte[] bytes, DnsLimits limits) throws ProtocolException {
    return new DnsReader(bytes, limits).message();
  }

  /** With names shortened where they were written before. */
  public byte[] encode() {
    return new DnsWriter().message(this);
  }
}
