package dev.gvmi.node.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gvmi.node.store.TestImage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class LiveImageTest {
  private final AtomicLong nanos = new AtomicLong();
  private final LiveImage live =
      new LiveImage(TestImage.random(10, 1).id(), new RangeTrust(2), nanos::get);

  private LiveImage.Reader readerAt(long position) {
    LiveImage.Reader reader = live.join();
    live.failed("nobody has it");
    assertThatThrownBy(() -> reader.next(position, Long.MAX_VALUE))
        .isInstanceOf(ImageGoneException.class);
    return reader;
  }

  @Test
  void isReadWhereTheOneIsThatIsLeastFar() {
    assertThat(live.bytes()).isNegative();
    LiveImage.Reader far = readerAt(900);
    LiveImage.Reader near = readerAt(100);
    assertThat(live.bytes()).isEqualTo(100);
    near.close();
    assertThat(live.bytes()).isEqualTo(900);
    far.close();
  }

  @Test
  void whereTheLastOneStoppedCountsForAWhile() {
    readerAt(100).close();
    readerAt(300).close();
    assertThat(live.bytes()).isEqualTo(300);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
    assertThat(live.bytes()).isEqualTo(300);
    nanos.addAndGet(1);
    assertThat(live.bytes()).isNegative();
  }
}
