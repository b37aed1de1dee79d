package dev.gvmi.node.oci;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/** Sources that a test makes without an engine. */
public final class Sources {
  public static final String CONFIG =
      "{\"Env\":[\"PATH=/bin\"],\"Cmd\":[\"sh\"],\"Volumes\":{\"/golem/work\":{}},\"WorkingDir\":\"/golem/work\"}";

  private Sources() {}

  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  public static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  public static byte[] zstd(byte[] bytes) {
    return Zstd.compress(bytes);
  }

  public static String config(String architecture, String config, List<byte[]> tars) {
    List<String> ids = tars.stream().map(tar -> "\"sha256:" + sha256(tar) + "\"").toList();
    return "{\"architecture\":\""
        + architecture
        + "\",\"os\":\"linux\",\"config\":"
        + config
        + ",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
        + String.join(",", ids)
        + "]}}";
  }

  /** The files of an OCI layout of one image, the layers packed in turn: not at all, gzip, zstd. */
  public static Map<String, byte[]> layout(List<byte[]> tars) {
    Map<String, byte[]> files = new TreeMap<>();
    String manifest = image(files, "amd64", tars);
    files.put(
        "index.json", ("{\"schemaVersion\":2,\"manifests\":[" + manifest + "]}").getBytes(UTF_8));
    files.put("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(UTF_8));
    return files;
  }

  /** Adds an image; the result is its descriptor. */
  public static String image(Map<String, byte[]> files, String architecture, List<byte[]> tars) {
    List<String> layers = new ArrayList<>();
    for (int i = 0; i < tars.size(); i++) {
      byte[] tar = tars.get(i);
      layers.add(blob(files, i % 3 == 0 ? tar : i % 3 == 1 ? gzip(tar) : zstd(tar)));
    }
    String config = blob(files, config(architecture, CONFIG, tars).getBytes(UTF_8));
    String manifest =
        "{\"schemaVersion\":2,\"config\":"
            + config
            + ",\"layers\":["
            + String.join(",", layers)
            + "]}";
    String descriptor = blob(files, manifest.getBytes(UTF_8));
    return descriptor.substring(0, descriptor.length() - 1)
        + ",\"platform\":{\"os\":\"linux\",\"architecture\":\""
        + architecture
        + "\"}}";
  }

  static String blob(Map<String, byte[]> files, byte[] bytes) {
    files.put("blobs/sha256/" + sha256(bytes), bytes);
    return "{\"digest\":\"sha256:" + sha256(bytes) + "\",\"size\":" + bytes.length + "}";
  }

  /** What docker save wrote before version 25. */
  public static Map<String, byte[]> dockerSave(List<byte[]> tars, String tag) {
    Map<String, byte[]> files = new TreeMap<>();
    List<String> names = new ArrayList<>();
    for (byte[] tar : tars) {
      String name = sha256(("id of " + sha256(tar)).getBytes(UTF_8)) + "/layer.tar";
      files.put(name, tar);
      names.add("\"" + name + "\"");
    }
    byte[] config = config("amd64", CONFIG, tars).getBytes(UTF_8);
    files.put(sha256(config) + ".json", config);
    files.put(
        "manifest.json",
        ("[{\"Config\":\""
                + sha256(config)
                + ".json\",\"RepoTags\":[\""
                + tag
                + "\"],\"Layers\":["
                + String.join(",", names)
                + "]}]")
            .getBytes(UTF_8));
    return files;
  }

  public static Path folder(Path folder, Map<String, byte[]> files) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
    return folder;
  }

  public static byte[] archive(Map<String, byte[]> files) {
    Layers archive = new Layers();
    files.forEach((name, content) -> archive.file(name, content, 0644));
    return archive.tar();
  }
}
