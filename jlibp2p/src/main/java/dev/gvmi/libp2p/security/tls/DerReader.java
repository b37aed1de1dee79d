package dev.gvmi.libp2p.security.tls;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;

/**
 * Steps through DER elements without changing a byte of them: what was signed must be taken as it
 * was sent. Definite lengths and single-byte tags only. Pure; the caller bounds the input.
 */
final class DerReader {
  static final int SEQUENCE = 0x30;
  static final int OCTET_STRING = 0x04;

  private static final int LONG_FORM = 0x80;
  private static final int MAX_LENGTH_BYTES = 3;

  private final ByteBuffer in;

  DerReader(byte[] bytes) {
    this(ByteBuffer.wrap(bytes));
  }

  private DerReader(ByteBuffer in) {
    this.in = in;
  }

  /** What is inside the next element, which must have this tag. */
  DerReader enter(int tag) throws CertificateException {
    return new DerReader(content(tag));
  }

  /** The value of the next element, which must have this tag. */
  byte[] value(int tag) throws CertificateException {
    ByteBuffer content = content(tag);
    byte[] value = new byte[content.remaining()];
    content.get(value);
    return value;
  }

  /** The next element as it was sent: tag, length and value. */
  byte[] element() throws CertificateException {
    int start = in.position();
    content(peek());
    byte[] whole = new byte[in.position() - start];
    in.get(start, whole);
    return whole;
  }

  void skip() throws CertificateException {
    content(peek());
  }

  /** Whether the next element has this tag. */
  boolean isAt(int tag) {
    return in.hasRemaining() && peekUnchecked() == tag;
  }

  boolean isEmpty() {
    return !in.hasRemaining();
  }

  void end() throws CertificateException {
    if (!isEmpty()) {
      throw new CertificateException("tls: bytes after the end of a DER element");
    }
  }

  private int peek() throws CertificateException {
    if (!in.hasRemaining()) {
      throw new CertificateException("tls: a DER element is missing");
    }
    return peekUnchecked();
  }

  private int peekUnchecked() {
    return in.get(in.position()) & 0xff;
  }

  private ByteBuffer content(int tag) throws CertificateException {
    try {
      int found = in.get() & 0xff;
      int length = length(in.get() & 0xff);
      if (found != tag || length > in.remaining()) {
        throw new CertificateException(
            "tls: DER element " + found + " of " + length + " bytes where " + tag + " is due");
      }
      ByteBuffer content = in.slice(in.position(), length);
      in.position(in.position() + length);
      return content;
    } catch (BufferUnderflowException e) {
      throw new CertificateException("tls: DER is cut", e);
    }
  }

  private int length(int first) throws CertificateException {
    if (first < LONG_FORM) {
      return first;
    }
    int count = first - LONG_FORM;
    if (count == 0 || count > MAX_LENGTH_BYTES) {
      throw new CertificateException("tls: DER length of " + count + " bytes");
    }
    int length = 0;
    for (int i = 0; i < count; i++) {
      length = length << 8 | (in.get() & 0xff);
    }
    return length;
  }
}
