#!/bin/sh
# One stream's throughput between two processes on loopback. Usage: bench/stream.sh [GIB] [RUNS] [tls|noise|quic]
set -eu
cd "$(dirname "$0")/.."
java=${JAVA_HOME:-$(ls -d /usr/lib/jvm/*25* | head -n 1)}/bin/java
flags="-Xmx384m -XX:+UseG1GC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Dsecurity=${3:-tls}"
cp="bench/target/classes:bench/target/lib/*"
out=$(mktemp)
$java $flags -cp "$cp" dev.gvmi.bench.StreamThroughput serve > "$out" &
server=$!
trap 'kill $server; rm -f "$out"' EXIT
while [ ! -s "$out" ]; do sleep 0.1; done
$java $flags -cp "$cp" dev.gvmi.bench.StreamThroughput get "$(cat "$out")" "${1:-1}" "${2:-5}"
