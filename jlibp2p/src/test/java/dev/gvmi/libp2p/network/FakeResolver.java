package dev.gvmi.libp2p.network;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A domain name system that knows what a test tells it. */
public final class FakeResolver implements AddressResolver {
  private final Map<String, List<String>> hosts = new ConcurrentHashMap<>();
  private final Map<String, List<String>> texts = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();

  public FakeResolver host(String name, String... ips) {
    hosts.computeIfAbsent(name, n -> new CopyOnWriteArrayList<>()).addAll(Arrays.asList(ips));
    return this;
  }

  public FakeResolver text(String name, String... more) {
    texts.computeIfAbsent(name, n -> new CopyOnWriteArrayList<>()).addAll(Arrays.asList(more));
    return this;
  }

  /** The names that were looked up, in order. */
  public List<String> asked() {
    return asked;
  }

  @Override
  public List<InetAddress> addresses(String name) throws IOException {
    List<InetAddress> found = new ArrayList<>();
    for (String ip : known(hosts, name)) {
      found.add(InetAddress.getByName(ip));
    }
    return found;
  }

  @Override
  public List<String> texts(String name) throws IOException {
    return known(texts, name);
  }

  private List<String> known(Map<String, List<String>> of, String name) throws IOException {
    asked.add(name);
    List<String> found = of.get(name);
    if (found == null) {
      throw new IOException("no name server knows " + name);
    }
    return found;
  }

  @Override
  public void close() {}
}
