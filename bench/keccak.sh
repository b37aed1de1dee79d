#!/bin/sh
# SHA-3 on one core: ours and the JDK's by JMH, and openssl's, one after the other. MB/s (10^6 bytes).
set -eu
cd "$(dirname "$0")/.."
java=${JAVA_HOME:-$(ls -d /usr/lib/jvm/*25* | head -n 1)}/bin/java
"$java" -cp "bench/target/classes:bench/target/lib/*" org.openjdk.jmh.Main \
  -jvmArgs "-XX:-UseFPUForSpilling --sun-misc-unsafe-memory-access=allow" KeccakBenchmark "$@" | grep -E '^(Benchmark|Keccak)'
for digest in sha3-224 sha3-256 sha3-384 sha3-512; do
  openssl speed -elapsed -seconds 3 -bytes 1000000 -evp "$digest" 2>/dev/null | tail -n 1
done
