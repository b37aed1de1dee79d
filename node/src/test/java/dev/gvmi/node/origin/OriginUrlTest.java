package dev.gvmi.node.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OriginUrlTest {
  @ParameterizedTest
  @CsvSource({
    "http://yacn2.dev.golem.network:8000/a.gvmi, http://yacn2.dev.golem.network:8000/a.gvmi",
    "HTTP://Registry.Golem.Network:80/a/../download/./X.GVMI#Frag,"
        + " http://registry.golem.network/download/X.GVMI",
    "https://cdn.example.com:443/n.gvmi?token=a%20b&x=1,"
        + " https://cdn.example.com/n.gvmi?token=a%20b&x=1",
    "http://example.com/my image.gvmi, http://example.com/my%20image.gvmi",
    "http://example.com/żółw.gvmi, http://example.com/%C5%BC%C3%B3%C5%82w.gvmi",
    "http://example.com\\dir\\x, http://example.com/dir/x",
    "http://example.com, http://example.com/",
    "http://example.com?x=[1], http://example.com/?x=%5B1%5D",
    "http://example.com/100%.gvmi, http://example.com/100%25.gvmi",
    "http://żółw.example/x, http://xn--w-uga1v8h.example/x",
    "http://[2001:DB8::1]:8080/x, http://[2001:db8::1]:8080/x",
    "https://user:p%40ss@host.example/img.gvmi, https://host.example/img.gvmi",
    "http://a@b@host.example/x, http://host.example/x"
  })
  void readsWhatTheRuntimeReads(String text, String uri) {
    assertThat(OriginUrl.parse(text).uri()).hasToString(uri);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "gftp://0x1/2",
        "ftp://host/x",
        "http:",
        "http://",
        "http:///x",
        "http://:80/x",
        "http://host:0/x",
        "http://host:65536/x",
        "http://host:99999/x",
        "http://host:x/",
        "http://[::1/x",
        "host/x",
        "",
        "javascript:1",
        "http://ho st/x",
        "http://user@/x"
      })
  void refusesWhatNobodyCanBeAskedAt(String text) {
    assertThatThrownBy(() -> OriginUrl.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void isNoLongerThanItMayBe() {
    String longest = "http://h/" + "x".repeat(OriginUrl.MAX_CHARS - 9);
    assertThat(OriginUrl.parse(longest).uri().toString()).hasSize(OriginUrl.MAX_CHARS);
    assertThatThrownBy(() -> OriginUrl.parse(longest + "x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void userGoesToItsServerOnly() {
    OriginUrl url = OriginUrl.parse("https://user:p%40ss@host.example/img.gvmi");
    assertThat(url.authorization()).isEqualTo("Basic dXNlcjpwJTQwc3M=");
    assertThat(url.redirect("/other").authorization()).isEqualTo(url.authorization());
    assertThat(url.redirect("https://host.example/x").authorization()).isNotNull();
    assertThat(url.redirect("https://host.example:444/x").authorization()).isNull();
    assertThat(url.redirect("http://host.example/x").authorization()).isNull();
    assertThat(url.redirect("//elsewhere.example/x").authorization()).isNull();
    assertThat(url.toString()).doesNotContain("user");
  }

  @ParameterizedTest
  @CsvSource({
    "/abs, http://host.example/abs",
    "next, http://host.example/dir/next",
    "../up?q=1, http://host.example/up?q=1",
    "//other.example/x, http://other.example/x",
    "https://other.example/a b, https://other.example/a%20b",
    "?q, http://host.example/dir/?q"
  })
  void followsRedirects(String location, String uri) {
    assertThat(OriginUrl.parse("http://host.example/dir/file").redirect(location).uri())
        .hasToString(uri);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "gopher://x/",
        "data:,x",
        "jar:http://x!/",
        "http://host:0/"
      })
  void followsNoOtherScheme(String location) {
    OriginUrl url = OriginUrl.parse("http://host.example/dir/file");
    assertThatThrownBy(() -> url.redirect(location)).isInstanceOf(IllegalArgumentException.class);
  }
}
