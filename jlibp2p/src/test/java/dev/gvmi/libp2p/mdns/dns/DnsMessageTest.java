package dev.gvmi.libp2p.mdns.dns;

import static dev.gvmi.libp2p.mdns.dns.DnsSamples.INSTANCE;
import static dev.gvmi.libp2p.mdns.dns.DnsSamples.JS_QUERY;
import static dev.gvmi.libp2p.mdns.dns.DnsSamples.JS_RESPONSE;
import static dev.gvmi.libp2p.mdns.dns.DnsSamples.QUERY;
import static dev.gvmi.libp2p.mdns.dns.DnsSamples.RESPONSE;
import static dev.gvmi.libp2p.mdns.dns.DnsSamples.SERVICE;
import static dev.gvmi.libp2p.mdns.dns.DnsSamples.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.libp2p.Fuzz;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DnsMessageTest {
  private static final String QUERY_HEADER = "0000 0000 0001 0000 0000 0000";
  private static final String ANSWER_HEADER = "0000 8400 0000 0001 0000 0000";
  private static final String A_IN = "0001 0001";

  private static DnsMessage decode(byte[] bytes) throws ProtocolException {
    return DnsMessage.decode(bytes, DnsLimits.DEFAULT);
  }

  private static void refuses(String hex) {
    assertThatThrownBy(() -> decode(hex(hex))).isInstanceOf(ProtocolException.class);
  }

  private static DnsMessage everything() throws UnknownHostException {
    DnsName host = DnsName.of("host.local");
    return DnsMessage.response(
        List.of(new DnsRecord.Ptr(SERVICE, 120, INSTANCE)),
        List.of(
            new DnsRecord.Txt(INSTANCE, 120, List.of("one", "", "t".repeat(255))),
            new DnsRecord.Srv(INSTANCE, 120, 65535, host),
            new DnsRecord.Address(host, 120, InetAddress.getByName("10.77.0.2")),
            new DnsRecord.Address(host, 120, InetAddress.getByName("fd77::2"))));
  }

  @Test
  void readsWhatJsWrites() throws Exception {
    assertThat(decode(JS_QUERY)).isEqualTo(QUERY);
    assertThat(decode(JS_RESPONSE)).isEqualTo(RESPONSE);
  }

  @Test
  void writesAQueryAsJsDoes() {
    assertThat(QUERY.encode()).isEqualTo(JS_QUERY);
  }

  @Test
  void writesANameOnce() {
    assertThat(RESPONSE.encode())
        .startsWith(
            hex(
                ANSWER_HEADER.replace("0001", "0002")
                    + "045f703270045f756470056c6f63616c00 000c0001 00000078 0023"
                    + "20 6131623263336434653566366737683869396a306b316c326d336e346f357036 c00c"
                    + "c027 00108001 00000078 0059 58"));
  }

  @Test
  void readsWhatItWrites() throws Exception {
    DnsMessage truncated =
        new DnsMessage(
            false,
            true,
            List.of(
                new DnsQuestion(SERVICE, DnsQuestion.ANY, true),
                new DnsQuestion(INSTANCE, DnsRecord.TXT, false)),
            List.of(new DnsRecord.Ptr(SERVICE, 60, INSTANCE)),
            List.of());
    for (DnsMessage message : List.of(QUERY, RESPONSE, everything(), truncated)) {
      assertThat(decode(message.encode())).isEqualTo(message);
    }
  }

  @Test
  void refusesAMessageThatIsCut() throws Exception {
    Fuzz.allowing(ProtocolException.class)
        .refusesCuts(List.of(JS_QUERY, JS_RESPONSE, everything().encode()), DnsMessageTest::decode);
  }

  @Test
  void refusesBytesAfterItsEnd() {
    assertThatThrownBy(() -> decode(Arrays.copyOf(JS_QUERY, JS_QUERY.length + 1)))
        .isInstanceOf(ProtocolException.class);
  }

  @Test
  void namesAreEqualWhateverTheirCase() throws Exception {
    byte[] capitals = JS_QUERY.clone();
    capitals[14] = 'P';
    assertThat(decode(capitals)).isEqualTo(QUERY);
  }

  @Test
  void readsANameThatPointsBack() throws Exception {
    DnsMessage message =
        decode(hex("0000 0000 0002 0000 0000 0000 0161056c6f63616c00" + A_IN + "0162c00e" + A_IN));
    assertThat(message.questions().getLast().name()).isEqualTo(DnsName.of("b.local"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"c00c", "0161c00c", "c00e", "c00d 00", "ffff", "c0"})
  void refusesANameThatDoesNotPointBack(String name) {
    refuses(QUERY_HEADER + name + A_IN);
  }

  @Test
  void refusesNamesThatPointToEachOther() {
    refuses("0000 0000 0002 0000 0000 0000 0161 c012" + A_IN + "0162 c00c" + A_IN);
  }

  @Test
  void refusesALongLabelOrName() {
    refuses(QUERY_HEADER + "40" + "61".repeat(64) + "00" + A_IN);
    refuses(QUERY_HEADER + "80" + "61".repeat(128) + "00" + A_IN);
    String most = ("3f" + "61".repeat(63)).repeat(3);
    refuses(QUERY_HEADER + most + "3e" + "61".repeat(62) + "00" + A_IN);
  }

  @Test
  void takesTheLongestName() throws Exception {
    String most = ("3f" + "61".repeat(63)).repeat(3) + "3d" + "61".repeat(61) + "00";
    assertThat(decode(hex(QUERY_HEADER + most + A_IN)).questions()).hasSize(1);
  }

  @Test
  void refusesOneLabelTooMany() throws Exception {
    String most = "0161".repeat(DnsLimits.DEFAULT.labels());
    assertThat(decode(hex(QUERY_HEADER + most + "00" + A_IN)).questions()).hasSize(1);
    refuses(QUERY_HEADER + most + "0161 00" + A_IN);
  }

  @Test
  void refusesOneQuestionTooMany() throws Exception {
    int most = DnsLimits.DEFAULT.questions();
    String question = "00" + A_IN;
    assertThat(
            decode(hex("00000000 %04x 000000000000".formatted(most) + question.repeat(most)))
                .questions())
        .hasSize(most);
    refuses("00000000 %04x 000000000000".formatted(most + 1) + question.repeat(most + 1));
  }

  /** It counts those of all sections. */
  @Test
  void refusesOneRecordTooMany() throws Exception {
    int most = DnsLimits.DEFAULT.records();
    String record = "00 0006 0001 00000000 0000";
    String counts = "00008400 0000 %04x 0001 0001";
    assertThat(decode(hex(counts.formatted(most - 2) + record.repeat(most))).answers())
        .hasSize(most - 2);
    refuses(counts.formatted(most - 1) + record.repeat(most + 1));
  }

  @Test
  void refusesCountsThatCannotBe() {
    refuses("0000 8400 0000 01ff 0000 0000 00");
  }

  @Test
  void refusesOneByteTooMany() throws Exception {
    int most = DnsLimits.DEFAULT.messageBytes();
    byte[] longest = Arrays.copyOf(hex(ANSWER_HEADER + "00 0006 0001 00000000 0000"), most);
    ByteBuffer.wrap(longest).putShort(21, (short) (most - 23));
    assertThat(decode(longest).answers()).hasSize(1);
    byte[] longer = Arrays.copyOf(longest, most + 1);
    ByteBuffer.wrap(longer).putShort(21, (short) (most - 22));
    assertThatThrownBy(() -> decode(longer)).isInstanceOf(ProtocolException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "000c 0001 00000078 0004 0161 0000", // a PTR's name ends before its data
        "000c 0001 00000078 0002 0161 00", // and after it
        "0010 0001 00000078 0000", // a TXT without a text
        "0010 0001 00000078 0002 0261", // whose text is cut
        "0001 0001 00000078 0005 0a4d000200", // an address of 5 bytes
        "001c 0001 00000078 0004 0a4d0002", // of 4 where 16 are due
        "0021 0001 00000078 0006 000000000fa1" // a SRV without a name
      })
  void refusesDataThatIsNotOfItsType(String record) {
    refuses(ANSWER_HEADER + "00" + record);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0800", "7800", "0003", "840f"})
  void refusesOtherOperationsAndErrors(String flags) {
    refuses("0000" + flags + "0001 0000 0000 0000 00" + A_IN);
  }

  @Test
  void skipsWhatIsOfNoUse() throws Exception {
    DnsMessage message =
        decode(
            hex(
                "0000 0000 0001 0000 0001 0002 0161 00 0001 0003"
                    + "c00c 00ff 0001 00000000 0003 aabbcc" // authority
                    + "00 0029 1000 00000000 0002 abcd" // another class, as OPT
                    + "00 002f 8001 ffffffff 0001 aa")); // NSEC, for ever
    assertThat(message.questions()).isEmpty();
    assertThat(message.answers()).isEmpty();
    assertThat(message.additionals())
        .containsExactly(
            new DnsRecord.Other(new DnsName(List.of()), 0, 41),
            new DnsRecord.Other(new DnsName(List.of()), 0, 47));
  }

  @Test
  void doesNotWriteMoreThanADatagram() {
    DnsRecord text = new DnsRecord.Txt(INSTANCE, 120, List.of("t".repeat(255)));
    DnsMessage message = DnsMessage.response(Collections.nCopies(40, text), List.of());
    assertThatIllegalArgumentException().isThrownBy(message::encode);
  }

  @Test
  void aTextHas255BytesAtMost() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DnsRecord.Txt(INSTANCE, 120, List.of("t".repeat(256))));
  }
}
