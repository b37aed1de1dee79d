package dev.gvmi.node.store;

import dev.gvmi.protocol.delta.DeltaIndex;
import dev.gvmi.protocol.delta.SpanId;
import dev.gvmi.protocol.image.ImageId;
import java.util.List;
import java.util.Optional;

/** No delta index of any image. <b>Thread:</b> any. */
final class NoDeltas implements DeltaStore {
  @Override
  public boolean isEmpty() {
    return true;
  }

  @Override
  public Optional<DeltaIndex> index(ImageId image) {
    return Optional.empty();
  }

  @Override
  public List<ImageId> missing() {
    return List.of();
  }

  @Override
  public boolean put(DeltaIndex index) {
    return false;
  }

  @Override
  public void putNone(ImageId image) {}

  @Override
  public List<List<SpanPlace>> places(List<SpanId> ids) {
    return ids.stream().map(id -> List.<SpanPlace>of()).toList();
  }

  @Override
  public void tidy() {}
}
