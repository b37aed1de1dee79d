#!/bin/sh
# SHA-3 on one core and on two: ours in one piece and in lanes, and the JDK's, by JMH; and openssl's. MB/s (10^6 bytes).
#   BENCHMARK=KeccakBenchmark  bench/keccak.sh [OPTIONS OF JMH]     BENCHMARK may choose: KeccakBenchmark.oneLane
set -eu
cd "$(dirname "$0")/.."
java=${JAVA_HOME:-$(ls -d /usr/lib/jvm/*25* | head -n 1)}/bin/java
for threads in 1 2; do
  echo "threads: $threads"
  "$java" -cp "bench/target/classes:bench/target/lib/*" org.openjdk.jmh.Main -t "$threads" \
    -jvmArgs "-XX:-UseFPUForSpilling --sun-misc-unsafe-memory-access=allow --add-exports java.base/jdk.internal.module=ALL-UNNAMED -XX:+UnlockExperimentalVMOptions -XX:+EnableVectorSupport" \
    "${BENCHMARK:-KeccakBenchmark}" "$@" | grep -E '^(Benchmark|Keccak)'
  for digest in sha3-224 sha3-256 sha3-384 sha3-512; do
    openssl speed -elapsed -seconds 3 -bytes 1000000 -multi "$threads" -evp "$digest" 2>/dev/null | tail -n 1
  done
done
