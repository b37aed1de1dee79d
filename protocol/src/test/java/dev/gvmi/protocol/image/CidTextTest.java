package dev.gvmi.protocol.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CidTextTest {
  private static final String HEX = "9a3b5d67b0b27746283cb5f287c13eab1beaa12d92a9f536b747c7ae";
  private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
  private static final String BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz";
  private static final String BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

  /** Base32 as a number: zero bits fill up the last digit. */
  private static String base32(byte[] bytes) {
    int digits = (8 * bytes.length + 4) / 5;
    BigInteger value = new BigInteger(1, bytes).shiftLeft(5 * digits - 8 * bytes.length);
    String text = radix(value, BASE32);
    return "a".repeat(digits - text.length()) + text;
  }

  private static String radix(BigInteger value, String alphabet) {
    StringBuilder text = new StringBuilder();
    BigInteger base = BigInteger.valueOf(alphabet.length());
    for (BigInteger left = value; left.signum() > 0; left = left.divide(base)) {
      text.append(alphabet.charAt(left.mod(base).intValue()));
    }
    return text.reverse().toString();
  }

  /** Every text of a CID. */
  static List<String> textsOf(String hex) {
    byte[] cid = HexFormat.of().parseHex(hex);
    BigInteger value = new BigInteger(1, cid);
    String upper36 = radix(value, BASE36).toUpperCase(Locale.ROOT);
    return List.of(
        "b" + base32(cid),
        "B" + base32(cid).toUpperCase(Locale.ROOT),
        "f" + hex,
        "F" + hex.toUpperCase(Locale.ROOT),
        "k" + radix(value, BASE36),
        "K" + upper36,
        "z" + radix(value, BASE58));
  }

  private static void refuses(String text) {
    assertThatThrownBy(() -> CidText.imageOf(text))
        .as(text)
        .isInstanceOf(InvalidImageRefException.class)
        .message()
        .isNotEmpty()
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bafkrohe2hnowpmfso5dcqpfv6kd4cpvldpvkclmsvh2tnn2hy6xa",
        "f0155171c" + HEX,
        "k171d2uoafskedazbp02b5t6mwylhqati20d7kbjuuebz9zu0e",
        "z6CfPsrrF77BU2gbNrkJNJ8wSBXJTFxVQE8j2N3yJGQu",
      })
  void readsTheVectors(String text) {
    assertThat(CidText.imageOf(text)).isEqualTo(ImageId.parseHex(HEX));
  }

  // SHA3 of nothing
  @ParameterizedTest
  @CsvSource({
    "32, bafkrmifh77dprpy625tfdqkhk2qgdvtc6wap6tpehne7vawybjfyb6cdji",
    "32, k2cwzfuhs72569v2p4nhw3eekhzgfojm19e3mczi9jo2sjomefz3ak3u",
    "32, zb2wwu4R1cYfnEP6CdCDZHBQMiEUSFqmmhdt4SpuuH9Hp9JfT",
    "48, bafkrkmammotvxbc6j56qced5quxeyjefyunfbkvkst6gdgk6og565gb2flbxcobrezfnwr73npi6awgv6aca",
    "64, zB7NbGRSB7umBpUE48zgN6fqRwFGbUyrZ97tZ1fe2Kgcpvv1P4gayeZXXApLv4jsXqsM9yybwzpTbBQ7hky9ortmzFwA5",
  })
  void readsOtherDigests(int digestBytes, String text) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA3-" + 8 * digestBytes).digest();
    assertThat(CidText.imageOf(text).digest()).isEqualTo(digest);
  }

  @ParameterizedTest
  @EnumSource(DigestAlgorithm.class)
  void readsEveryBase(DigestAlgorithm algorithm) {
    for (int fill : new int[] {0, 1, 0x80, 0xff}) {
      byte[] digest = new byte[algorithm.digestBytes()];
      Arrays.fill(digest, (byte) fill);
      ImageId image = ImageId.of(algorithm, digest);
      for (String text : textsOf("0155" + HexFormat.of().formatHex(image.multihash()))) {
        assertThat(CidText.imageOf(text)).as(text).isEqualTo(image);
      }
    }
  }

  // a CID of another codec names a node of a graph, whose hash is not that of a file
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0170171c" + HEX,
        "0172171c" + HEX,
        "018802171c" + HEX,
        "018080171c" + HEX,
        "01d500171c" + HEX,
      })
  void refusesOtherCodecs(String hex) {
    textsOf(hex).forEach(CidTextTest::refuses);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0255171c" + HEX,
        "0055171c" + HEX,
        "8155171c" + HEX,
        "01551220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "0155171b" + HEX,
        "0155161c" + HEX,
        "01551b1c" + HEX,
        "0155001c" + HEX,
        "0155171c" + HEX + "00",
        "0155171c9a3b5d67b0b27746283cb5f287c13eab1beaa12d92a9f536b747c7",
        "015597001c" + HEX,
        "0155179c00" + HEX,
        "0155171c",
        "0155",
        "01",
      })
  void refusesOtherVersionsAndHashes(String hex) {
    textsOf(hex).forEach(CidTextTest::refuses);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "b",
        "z",
        "k",
        "f",
        "f0",
        "Z6CfPsrrF77BU2gbNrkJNJ8wSBXJTFxVQE8j2N3yJGQu",
        "mAVUXHJo7XWewsndGKDy18ofBPqsb6qEtkqn1NrdHx64",
        "bafkrohe2hnowpmfso5dcqpfv6kd4cpvldpvkclmsvh2tnn2hy6x",
        "bafkrohe2hnowpmfso5dcqpfv6kd4cpvldpvkclmsvh2tnn2hy6xaa",
        "bafkrohe2hnowpmfso5dcqpfv6kd4cpvldpvkclmsvh2tnn2hy6xb",
        "bafkrohe2hnowpmfso5dcqpfv6kd4cpvldpvkclmsvh2tnn2hy6xa=",
        "bafkrohe2hnowpmfso5dcqpfv6kd4cpvldpvkclmsvh2tnn2hy6x1",
        "z06CfPsrrF77BU2gbNrkJNJ8wSBXJTFxVQE8j2N3yJGQu",
        "z6CfPsrrF77BU2gbNrkJNJ8wSBXJTFxVQE8j2N3yJGQI",
        "z6CfPsrrF77BU2gbNrkJNJ8wSBXJTFxVQE8j2N3yJG\nu",
        // a Kelvin sign, whose lower case is an ASCII letter
        "baf\u212arohe2hnowpmfso5dcqpfv6kd4cpvldpvkclmsvh2tnn2hy6xa",
        // a zero byte in front: version 0
        "z16CfPsrrF77BU2gbNrkJNJ8wSBXJTFxVQE8j2N3yJGQu",
        "k0171d2uoafskedazbp02b5t6mwylhqati20d7kbjuuebz9zu0e",
      })
  void refusesMalformedText(String text) {
    refuses(text);
  }

  @Test
  void refusesTheVersionThatHasSha2Only() {
    String text = "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n";
    assertThatThrownBy(() -> CidText.imageOf(text))
        .isInstanceOf(InvalidImageRefException.class)
        .hasMessageContaining("SHA2-256");
    assertThatThrownBy(() -> ImageRef.parse(text)).hasMessageContaining("SHA2-256");
  }

  @Test
  void refusesEveryTruncation() {
    for (String text : textsOf("0155171c" + HEX)) {
      for (int length = 0; length < text.length(); length++) {
        refuses(text.substring(0, length));
      }
    }
  }

  @Test
  void refusesTextBeyondItsBound() {
    refuses("f" + "0".repeat(256));
    refuses("z" + "z".repeat(1 << 20));
  }
}
