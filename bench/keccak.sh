#!/bin/sh
# SHA-3 on one core and on two: ours in one piece and in lanes, and the JDK's, by JMH; and openssl's. MB/s (10^6 bytes).
# Then the SHA3-224 of a whole file that the page cache holds, by whole processes: reading included, ours once it is compiled.
#   BENCHMARK=KeccakBenchmark  RUNS=5  WORK=/dev/shm  bench/keccak.sh [OPTIONS OF JMH]
#   BENCHMARK may choose: KeccakBenchmark.oneLane; Sha256Benchmark, the hash of chunks; none: the files alone
set -eu
cd "$(dirname "$0")/.."
java=${JAVA_HOME:-$(ls -d /usr/lib/jvm/*25* | head -n 1)}/bin/java
options="-XX:FreqInlineSize=120 -XX:-UseFPUForSpilling --sun-misc-unsafe-memory-access=allow
  --add-exports java.base/jdk.internal.module=ALL-UNNAMED -XX:+UnlockExperimentalVMOptions -XX:+EnableVectorSupport"
RUNS=${RUNS:-5}
for threads in 1 2; do
  [ "${BENCHMARK:-}" != none ] || continue
  echo "threads: $threads"
  "$java" -cp "bench/target/classes:bench/target/lib/*" org.openjdk.jmh.Main -t "$threads" -jvmArgs "$(echo $options)" \
    "${BENCHMARK:-KeccakBenchmark}" "$@" | grep -E '^(Benchmark|Keccak|Sha256)'
  for digest in sha3-224 sha3-256 sha3-384 sha3-512; do
    openssl speed -elapsed -seconds 3 -bytes 1000000 -multi "$threads" -evp "$digest" 2>/dev/null | tail -n 1
  done
done
work=$(mktemp -d "${WORK:-/tmp}/gvmi-keccak-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
head -c 1073741824 /dev/urandom >"$work/file"
for run in $(seq "$RUNS"); do
  begin=$(date +%s%N)
  openssl dgst -sha3-224 "$work/file" >"$work/digest"
  echo "$begin $(date +%s%N)"
done | awk '{ print ($2 - $1) / 1e9 }' | sort -n |
  awk '{ s[NR] = $1 } END { m = s[int((NR + 1) / 2)]; printf "openssl dgst -sha3-224: %.3f s, %.0f MB/s\n", m, 1073.741824 / m }'
# shellcheck disable=SC2086 # split at spaces on purpose
"$java" $options -cp "bench/target/classes:bench/target/lib/*" dev.gvmi.bench.HashFile "$work/file" "$RUNS"
sed 's/.*= /openssl:  /' "$work/digest"
