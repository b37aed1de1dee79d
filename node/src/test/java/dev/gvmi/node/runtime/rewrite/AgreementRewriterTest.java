package dev.gvmi.node.runtime.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gvmi.protocol.image.CacheName;
import dev.gvmi.protocol.image.ImageRef;
import dev.gvmi.protocol.image.ImageRef.TaskPackage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class AgreementRewriterTest {
  private static final String HASH = "9a3b5d67b0b27746283cb5f287c13eab1beaa12d92a9f536b747c7ae";
  private static final String GATEWAY = "127.0.0.1:7438";
  private static final String URL = "http://registry.golem.network/download/abc.gvmi";
  private static final String CHANGED =
      "http://127.0.0.1:7438/fetch/"
          + HASH
          + "/abc.gvmi?origin=http%3A%2F%2Fregistry.golem.network%2Fdownload%2Fabc.gvmi";
  private static final String TASK = "hash:sha3:" + HASH + ":" + URL;
  private static final JsonMapper JSON = JsonMapper.shared();

  /**
   * As the provider writes it: nested, pretty, a number that a double cannot hold, an escape that a
   * writer would not make.
   */
  private static final String NESTED =
      """
      {
        "agreementId" : "a\\u0062c",
        "demand" : {
          "properties" : {
            "golem" : {
              "com" : { "payment" : { "limit" : 1.000000000000000000001, "big" : 123456789012345678901234567890 } },
              "srv" : {
                "comp" : {
                  "expiration" : 1700000000000,
                  "task_package" : "%s",
                  "vm" : { "package_format" : "gvmkit-squash" }%s
                }
              }
            }
          },
          "constraints" : "(&(a=b)\\n)"
        },
        "offer" : { "properties" : { "golem" : { "com" : { "usage" : { "vector" : [ "golem.usage.cpu_sec" ] } } } } }
      }
      """;

  private static Optional<String> rewrite(String agreement) {
    return AgreementRewriter.rewrite(agreement.getBytes(StandardCharsets.UTF_8), GATEWAY)
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  private static String manifest(String urls, String platform) {
    return "{ \"version\": \"0.1.0\", \"createdAt\": \"2022-12-01T00:00:00.000000Z\", \"payload\": [ {\"platform\": "
        + platform
        + ", \"hash\": \"sha3:"
        + HASH
        + "\", \"urls\": ["
        + urls
        + "], \"more\": 1.50} ], \"compManifest\": {\"net\": {\"inet\": {\"out\": {\"urls\": [\""
        + URL
        + "\"]}}}} }";
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void changesTheUrlOfTheTaskPackageAndNotOneOtherByte() {
    assertThat(rewrite(NESTED.formatted(TASK, "")))
        .contains(NESTED.formatted("hash:sha3:" + HASH + ":" + CHANGED, ""));
  }

  @Test
  void treesDifferInTheUrlOnly() {
    String agreement = NESTED.formatted(TASK, "");
    JsonNode before = JSON.readTree(agreement);
    JsonNode after = JSON.readTree(rewrite(agreement).orElseThrow());
    assertThat(after).isNotEqualTo(before);
    ((ObjectNode) after.at("/demand/properties/golem/srv/comp")).put("task_package", TASK);
    assertThat(after).isEqualTo(before).hasToString(before.toString());
  }

  @Test
  void dottedKeysAreTheSame() {
    String agreement =
        "{\"demand\":{\"properties\":{\"golem.srv.comp.expiration\":1,\"golem.srv.comp.task_package\":\"%s\"}},\"offer\":{}}";
    assertThat(rewrite(agreement.formatted(TASK)))
        .contains(agreement.formatted("hash:sha3:" + HASH + ":" + CHANGED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "{\"arch\":\"x86_64\",\"os\":\"linux\"}",
        "{\"arch\":\"x86_64\",\"os\":\"linux\",\"osVersion\":\"1\"}"
      })
  void changesTheFirstUrlOfTheManifestWhichWins(String platform) {
    String urls = "\"%s\", \"http://other.example/x.gvmi\"";
    String payload = ", \"payload\" : { \"@tag\" : \"%s\", \"sig\" : \"c2ln\" }";
    String agreement =
        NESTED.formatted(TASK, payload.formatted(base64(manifest(urls.formatted(URL), platform))));
    assertThat(rewrite(agreement))
        .contains(
            NESTED.formatted(
                TASK, payload.formatted(base64(manifest(urls.formatted(CHANGED), platform)))));
  }

  @Test
  void readsAPlainPayloadBase64WithSpacesAndQuotedJson() {
    String manifest = manifest("\"" + URL + "\"", "null");
    String payload = ", \"payload\" : %s";
    String wanted =
        NESTED.formatted(
            TASK, payload.formatted("\"" + base64(manifest.replaceFirst(URL, CHANGED)) + "\""));
    String wrapped = base64(manifest).replaceAll("(.{60})", "$1\n ");
    for (String form :
        new String[] {
          base64(manifest),
          wrapped,
          "'" + manifest + "'",
          "\"" + manifest.replace("\"", "\\\"") + "\""
        }) {
      assertThat(rewrite(NESTED.formatted(TASK, payload.formatted(JSON.writeValueAsString(form)))))
          .as(form)
          .contains(wanted);
    }
  }

  @Test
  void taskPackageCountsIfNoPayloadIsForThisMachine() {
    String payload =
        ", \"payload\" : \""
            + base64(manifest("\"" + URL + "\"", "{\"arch\":\"aarch64\",\"os\":\"linux\"}"))
            + "\"";
    assertThat(rewrite(NESTED.formatted(TASK, payload)))
        .contains(NESTED.formatted("hash:sha3:" + HASH + ":" + CHANGED, payload));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hash:sha3:" + HASH + ":gftp://0x86a269498fb5270f20bdc6fdcf6039122b0d3b23/7d2a",
        "hash:sha3:" + HASH + ":file:/tmp/x.gvmi",
        "hash:sha3:" + HASH + ":http://example.com",
        "hash:sha3:abc:http://example.com/x.gvmi",
        "hash:md5:" + HASH + ":http://example.com/x.gvmi",
        "http://example.com/x.gvmi",
        "user/repo:tag",
        ""
      })
  void leavesOtherImagesAlone(String task) {
    assertThat(rewrite(NESTED.formatted(task, ""))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "null",
        "\"hash\"",
        "{\"demand\":1}",
        "{\"demand.properties\":{\"golem.srv.comp.task_package\":[\"x\"]}}"
      })
  void leavesOddAgreementsAlone(String agreement) {
    assertThat(rewrite(agreement)).isEmpty();
  }

  @Test
  void leavesWhatCanBeReadInTwoWaysAlone() {
    String twice =
        "{\"demand\":{\"properties\":{\"golem.srv.comp.task_package\":\"%s\",\"golem\":{\"srv\":{\"comp\":{\"task_package\":\"%s\"}}}}}}";
    assertThat(rewrite(twice.formatted(TASK, TASK))).isEmpty();
    assertThat(rewrite(NESTED.formatted(TASK, ", \"task_package\" : \"" + TASK + "\""))).isEmpty();
    assertThat(rewrite(NESTED.formatted(TASK, "") + "{}")).isEmpty();
    assertThat(rewrite(NESTED.formatted(TASK, ", \"payload\" : \"bm8ganNvbg==\""))).isEmpty();
    assertThat(rewrite(NESTED.formatted(TASK, ", \"payload\" : \"bm8\""))).isEmpty();
  }

  @Test
  void leavesAnAgreementCutAnywhereAlone() {
    String whole = NESTED.formatted(TASK, "").strip();
    for (int length = 0; length < whole.length(); length++) {
      assertThat(rewrite(whole.substring(0, length))).as("cut at %d", length).isEmpty();
    }
    assertThat(rewrite(whole)).isPresent();
  }

  @Test
  void leavesAnAgreementOverTheLimitAlone() {
    byte[] whole = NESTED.formatted(TASK, "").getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(whole, AgreementRewriter.MAX_AGREEMENT_BYTES);
    Arrays.fill(padded, whole.length, padded.length, (byte) ' ');
    assertThat(AgreementRewriter.rewrite(padded, GATEWAY)).isPresent();
    byte[] over = Arrays.copyOf(padded, padded.length + 1);
    over[padded.length] = ' ';
    assertThat(AgreementRewriter.rewrite(over, GATEWAY)).isEmpty();
  }

  @Test
  void deepNestingWithLongNamesCostsLittle() {
    String name = "n".repeat(1000);
    String open = ("{\"" + name + "\":").repeat(400);
    String strings = "[" + "\"\",".repeat(100_000) + "\"\"]";
    assertThat(rewrite(open + strings + "}".repeat(400))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://example.com/images/my%20image%2Ev1.gvmi",
        "http://example.com/images/my image.v1.gvmi",
        "http://example.com/a%2Fb.gvmi",
        "HTTP://Registry.Golem.Network:80/a/../download/./X.GVMI#Frag",
        "https://user:p%40ss@host.example/img.gvmi",
        "https://registry.golem.network/v1/image/download?tag=golem-examples/blender:2.80&https=true",
        "http://example.com/dir/",
        "http://example.com/żółw.gvmi",
        "http://example.com/foo.",
        "http://example.com/%FF.gvmi",
        "http://example.com/.gvmi",
        "http://example.com/%252e%252e",
        "http://example.com/a%3Fb%23c.gvmi"
      })
  void nameInTheCacheStaysTheSame(String url) {
    TaskPackage before = (TaskPackage) ImageRef.parse("hash://sha3:0x" + HASH + ":" + url);
    String changed =
        AgreementRewriter.atGateway("hash://sha3:0x" + HASH + ":" + url, GATEWAY).orElseThrow();
    TaskPackage after = (TaskPackage) ImageRef.parse(changed);
    assertThat(changed)
        .startsWith("hash://sha3:0x" + HASH + ":http://127.0.0.1:7438/fetch/" + HASH + "/");
    assertThat(CacheName.of(after)).isEqualTo(CacheName.of(before)).isPresent();
    assertThat(
            java.net.URLDecoder.decode(after.url().split("\\?origin=")[1], StandardCharsets.UTF_8))
        .isEqualTo(url);
  }
}
