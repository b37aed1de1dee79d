package dev.gvmi.node.cache.rules;

import dev.gvmi.protocol.image.ImageId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What takes room now.
 *
 * @param freeBytes what the disk has left
 * @param claims that were granted and are not settled
 */
public record Occupancy(Quota quota, long freeBytes, List<CacheItem> items, List<Claim> claims) {
  public Occupancy {
    items = List.copyOf(items);
    claims = List.copyOf(claims);
  }

  /** Bytes that are taken. */
  public long usedBytes() {
    return items.stream().mapToLong(CacheItem::bytes).sum();
  }

  /** Bytes that are promised and not taken yet. */
  public long reservedBytes() {
    return outstanding(claims);
  }

  /** The end of all room: the quota, or the disk if that is smaller. */
  long capacityBytes() {
    long used = usedBytes();
    long disk = freeBytes > Long.MAX_VALUE - used ? Long.MAX_VALUE : used + freeBytes;
    return Math.min(quota.bytes(), disk);
  }

  long outstanding(Collection<Claim> some) {
    Map<ImageId, CacheItem> byImage = new HashMap<>();
    items.forEach(item -> byImage.put(item.image(), item));
    long sum = 0;
    for (Claim claim : some) {
      CacheItem item = claim.image() == null ? null : byImage.get(claim.image());
      sum += outstanding(claim, item == null ? 0 : item.complete() ? claim.bytes() : item.bytes());
    }
    return sum;
  }

  private static long outstanding(Claim claim, long hereBytes) {
    return Math.max(0, claim.bytes() - hereBytes);
  }

  /** Whether somebody is filling the image: it is in use. */
  boolean isClaimed(ImageId image) {
    return claims.stream().anyMatch(claim -> Objects.equals(claim.image(), image));
  }
}
