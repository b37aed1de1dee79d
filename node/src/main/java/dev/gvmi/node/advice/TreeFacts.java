package dev.gvmi.node.advice;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * What the files of an image amount to.
 *
 * @param files names that are no folders
 * @param bytes of all files, unpacked
 * @param hidden by the volume that is mounted over it; only volumes over something
 * @param largest folders, the largest first
 */
public record TreeFacts(
    long files, long bytes, SortedMap<String, Hidden> hidden, List<FolderSize> largest) {
  private static final int SHOWN = 5;

  /** What lies under a volume. */
  public record Hidden(long entries, long bytes) {}

  /** A folder and all that is in it. */
  public record FolderSize(String folder, long bytes) {}

  /** Adds up names as they come, in any order. */
  public static final class Collector {
    private static final int DEPTH = 2;

    private final SortedSet<String> volumes;
    private final SortedMap<String, Hidden> hidden = new TreeMap<>();
    private final Map<String, Long> folders = new HashMap<>();
    private long files;
    private long bytes;

    public Collector(SortedSet<String> volumes) {
      this.volumes = volumes;
    }

    /**
     * Takes a name.
     *
     * @param path without a slash in front
     * @param sizeBytes 0 for the second name of a file
     */
    public void add(String path, boolean folder, long sizeBytes) {
      if (!folder) {
        files++;
        bytes += sizeBytes;
        folders.merge(top(path), sizeBytes, Long::sum);
      }
      for (String volume : volumes) {
        if (inside("/" + path, volume)) {
          Hidden before = hidden.getOrDefault(volume, new Hidden(0, 0));
          hidden.put(volume, new Hidden(before.entries + 1, before.bytes + sizeBytes));
        }
      }
    }

    private static boolean inside(String path, String volume) {
      String plain = volume.endsWith("/") ? volume : volume + "/";
      return path.startsWith(plain) && path.length() > plain.length();
    }

    /** The folder of the first two components. */
    private static String top(String path) {
      int end = 0;
      for (int i = 0; i < DEPTH; i++) {
        int slash = path.indexOf('/', end + (i == 0 ? 0 : 1));
        if (slash < 0) {
          break;
        }
        end = slash;
      }
      return "/" + path.substring(0, end);
    }

    public TreeFacts facts() {
      List<FolderSize> all = new ArrayList<>();
      folders.forEach((folder, size) -> all.add(new FolderSize(folder, size)));
      all.sort(
          Comparator.comparingLong(FolderSize::bytes).reversed().thenComparing(FolderSize::folder));
      return new TreeFacts(
          files, bytes, hidden, List.copyOf(all.subList(0, Math.min(SHOWN, all.size()))));
    }
  }
}
