package dev.gvmi.node.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Pushes as gvmkit-build 0.3.19 does, request by request (src/upload.rs): bodies in HTTP chunks,
 * texts before the file, status asked before each step.
 */
public final class GvmkitClient implements AutoCloseable {
  private static final int WORKERS = 4;
  private static final String BOUNDARY = "c0ffee-c0ffee";

  private final String base;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** What the registry answered. */
  public record Answer(int status, String text) {
    JsonNode json() {
      return JsonMapper.shared().readTree(text);
    }
  }

  public GvmkitClient(InetSocketAddress address) {
    this.base = "http://127.0.0.1:" + address.getPort();
  }

  /** An image cut in chunks, with its descriptor. */
  public static final class Source {
    private final byte[] image;
    private final int chunkBytes;
    private final byte[] descriptor;

    public Source(byte[] image, int chunkBytes) {
      this(image, chunkBytes, digest("SHA3-224", image));
    }

    /** One whose descriptor says another hash of the image. */
    public Source(byte[] image, int chunkBytes, byte[] sha3) {
      this.image = image.clone();
      this.chunkBytes = chunkBytes;
      int chunks = (image.length + chunkBytes - 1) / chunkBytes;
      ByteBuffer out = ByteBuffer.allocate(52 + 32 * chunks);
      out.putLong(0x0000000333333334L).putLong(image.length).putLong(chunkBytes).put(sha3);
      for (int i = 0; i < chunks; i++) {
        out.put(digest("SHA-256", chunk(i)));
      }
      this.descriptor = out.array();
    }

    public byte[] descriptor() {
      return descriptor.clone();
    }

    public String id() {
      return HexFormat.of().formatHex(digest("SHA-256", descriptor));
    }

    public String sha3() {
      return HexFormat.of().formatHex(digest("SHA3-224", image));
    }

    int chunks() {
      return (descriptor.length - 52) / 32;
    }

    byte[] chunk(int number) {
      int from = number * chunkBytes;
      return Arrays.copyOfRange(image, from, Math.min(image.length, from + chunkBytes));
    }

    /** The texts of the form, in their order. */
    Map<String, String> fields(int number) {
      Map<String, String> fields = new LinkedHashMap<>();
      fields.put("descr-sha256", id());
      fields.put("chunk-no", Integer.toString(number));
      fields.put("chunk-sha256", HexFormat.of().formatHex(digest("SHA-256", chunk(number))));
      fields.put("chunk-pos", Long.toString((long) number * chunkBytes));
      fields.put("chunk-len", Integer.toString(chunk(number).length));
      return fields;
    }
  }

  static byte[] digest(String algorithm, byte[] bytes) {
    try {
      return MessageDigest.getInstance(algorithm).digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  public Answer get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(base + path)));
  }

  private Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            request.timeout(Duration.ofSeconds(60)).build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(answer.statusCode(), answer.body());
  }

  Answer status(String id) throws IOException, InterruptedException {
    return get("/v1/image/descr/" + id);
  }

  public Answer login(String token) throws IOException, InterruptedException {
    String json = "{\"username\":\"user\",\"password\":\"" + token + "\"}";
    return send(
        HttpRequest.newBuilder(URI.create(base + "/auth/pat/login"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  public Answer pushDescriptor(byte[] bytes, String... headers)
      throws IOException, InterruptedException {
    return form("/v1/image/push/descr", Map.of(), bytes, headers);
  }

  Answer pushChunk(Source source, int number) throws IOException, InterruptedException {
    return pushChunk(source.fields(number), source.chunk(number));
  }

  Answer pushChunk(Map<String, String> fields, byte[] bytes)
      throws IOException, InterruptedException {
    return form("/v1/image/push/chunk", fields, bytes);
  }

  public Answer attach(String id, String name, String token, boolean check)
      throws IOException, InterruptedException {
    String[] parts = name.split("[/:]");
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("tag", parts[2]);
    fields.put("username", parts[0]);
    fields.put("repository", parts[1]);
    fields.put("login", "user");
    fields.put("token", token);
    if (check) {
      fields.put("check", "true");
    }
    return form("/v1/image/descr/attach/" + id, fields, null);
  }

  Answer form(String path, Map<String, String> fields, byte[] file, String... headers)
      throws IOException, InterruptedException {
    byte[] body = encoded(fields, file);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
            .POST(
                HttpRequest.BodyPublishers.fromPublisher(
                    HttpRequest.BodyPublishers.ofByteArray(body))); // of unknown length
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request);
  }

  static byte[] encoded(Map<String, String> fields, byte[] file) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Map.Entry<String, String> field : fields.entrySet()) {
      out.write(
          ("--"
                  + BOUNDARY
                  + "\r\nContent-Disposition: form-data; name=\""
                  + field.getKey()
                  + "\"\r\n\r\n"
                  + field.getValue()
                  + "\r\n")
              .getBytes(StandardCharsets.UTF_8));
    }
    if (file != null) {
      out.write(
          ("--"
                  + BOUNDARY
                  + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"descriptor.txt\"\r\n"
                  + "Content-Type: application/octet-stream\r\n\r\n")
              .getBytes(StandardCharsets.UTF_8));
      out.write(file);
      out.write("\r\n".getBytes(StandardCharsets.UTF_8));
    }
    out.write(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  /**
   * The whole of it; returns how many chunks were pushed. {@link IllegalStateException} with what
   * gvmkit would print.
   */
  public int push(Source source, String name, String token)
      throws IOException, InterruptedException {
    require(login(token), 200);
    JsonNode before = status(source.id()).json();
    if (!before.path("descriptor").asString().equals("ok")) {
      requireSuccess(pushDescriptor(source.descriptor()));
    }
    int pushed = 0;
    if (!before.path("status").asString("").equals("full")) {
      require(attach(source.id(), name, token, true), 200);
      pushed = pushChunks(source);
    }
    require(attach(source.id(), name, token, false), 200);
    return pushed;
  }

  int pushChunks(Source source) throws IOException, InterruptedException {
    JsonNode known = status(source.id()).json();
    if (!known.path("descriptor").asString().equals("ok") || !known.path("status").isString()) {
      throw new IllegalStateException("Failed to register descriptor in repository: " + known);
    }
    if (known.path("status").asString().equals("full")) {
      return 0;
    }
    List<Callable<Answer>> missing = new ArrayList<>();
    for (int i = 0; i < source.chunks(); i++) {
      int number = i;
      if (known.path("chunks").get(i).asInt() != 1) {
        missing.add(() -> pushChunk(source, number));
      }
    }
    try (ExecutorService workers = Executors.newFixedThreadPool(WORKERS)) {
      for (Future<Answer> each : workers.invokeAll(missing)) {
        requireSuccess(each.get());
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
    JsonNode after = status(source.id()).json();
    if (!after.path("status").asString().equals("full")) {
      throw new IllegalStateException("Failed to validate image upload: " + after);
    }
    return missing.size();
  }

  private static void require(Answer answer, int status) {
    if (answer.status() != status) {
      throw new IllegalStateException(answer.status() + ": " + answer.text());
    }
  }

  private static void requireSuccess(Answer answer) {
    if (answer.status() / 100 != 2) {
      throw new IllegalStateException(answer.status() + ": " + answer.text());
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
