package dev.gvmi.node.registry;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.fileupload.FileUploadBase.FileUploadIOException;
import org.apache.commons.fileupload.MultipartStream;
import org.apache.commons.fileupload.MultipartStream.MalformedStreamException;
import org.apache.commons.fileupload.ParameterParser;

/**
 * A form of {@code multipart/form-data}: short texts, and at most one file behind them, which goes
 * where it belongs as it comes.
 *
 * <p><b>Errors:</b> {@link RefusedException} if it has not that form.
 */
final class Form {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int PART_HEAD_BYTES = 1024;
  private static final String FILE = "file";

  private final RegistryLimits limits;
  private final FileSink sink;
  private final Map<String, String> texts = new HashMap<>();
  private boolean hasFile;
  private int parts;

  /** Where the file of a form goes. */
  @FunctionalInterface
  interface FileSink {
    /** Is asked once, when the file begins. */
    OutputStream open(Map<String, String> texts) throws IOException;
  }

  private Form(RegistryLimits limits, FileSink sink) {
    this.limits = limits;
    this.sink = sink;
  }

  /** Reads a form without a file. */
  static Map<String, String> texts(PushBody body, RegistryLimits limits) throws IOException {
    FileSink none =
        texts -> {
          throw new RefusedException(400, "the form has a file, and needs none");
        };
    return new Form(limits, none).read(body);
  }

  /** Reads a form with a file. The stream that the sink gave is left open. */
  static Map<String, String> withFile(PushBody body, RegistryLimits limits, FileSink sink)
      throws IOException {
    Form form = new Form(limits, sink);
    Map<String, String> texts = form.read(body);
    if (!form.hasFile) {
      throw new RefusedException(400, "the form has no part named file");
    }
    return texts;
  }

  private Map<String, String> read(PushBody body) throws IOException {
    try {
      MultipartStream stream =
          new MultipartStream(body.bytes(), boundary(body), BUFFER_BYTES, null);
      stream.setPartHeaderSizeMax(PART_HEAD_BYTES);
      for (boolean more = stream.skipPreamble(); more; more = stream.readBoundary()) {
        part(stream);
      }
      return Map.copyOf(texts);
    } catch (MalformedStreamException | FileUploadIOException e) {
      throw new RefusedException(400, "the form is no multipart/form-data: " + e.getMessage());
    }
  }

  private static byte[] boundary(PushBody body) throws RefusedException {
    String type = body.contentType() == null ? "" : body.contentType();
    String boundary = parameters(type).get("boundary");
    boolean isForm = type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data");
    if (!isForm || boundary == null || boundary.isEmpty() || boundary.length() > 70) {
      throw new RefusedException(400, "the request is no multipart/form-data");
    }
    return boundary.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Map<String, String> parameters(String header) {
    ParameterParser parser = new ParameterParser();
    parser.setLowerCaseNames(true);
    return parser.parse(header, ';');
  }

  private void part(MultipartStream stream) throws IOException {
    String name = name(stream.readHeaders());
    if (++parts > limits.fields() || hasFile) {
      throw new RefusedException(
          400, "the form has more than " + limits.fields() + " parts, or some behind its file");
    }
    if (name.equals(FILE)) {
      hasFile = true;
      stream.readBodyData(sink.open(Map.copyOf(texts)));
    } else {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      stream.readBodyData(new Bounded(text, limits.fieldBytes(), name));
      if (texts.put(name, text.toString(StandardCharsets.UTF_8)) != null) {
        throw new RefusedException(400, "the form has two parts of one name");
      }
    }
  }

  private static String name(String head) throws RefusedException {
    for (String line : head.split("\r\n", -1)) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-disposition:")) {
        String name = parameters(line.substring(line.indexOf(':') + 1)).get("name");
        if (name != null) {
          return name;
        }
      }
    }
    throw new RefusedException(400, "the form has a part without a name");
  }

  /** Takes so much and not more. */
  static final class Bounded extends FilterOutputStream {
    private final int limit;
    private final String name;
    private int count;

    Bounded(OutputStream out, int limit, String name) {
      super(out);
      this.limit = limit;
      this.name = name;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length > limit - count) {
        throw new RefusedException(
            400, "part " + name + " of the form has more than " + limit + " bytes");
      }
      count += length;
      out.write(bytes, offset, length);
    }
  }
}
