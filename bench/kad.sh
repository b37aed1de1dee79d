#!/bin/sh
# A DHT of many nodes in virtual time: how often and how fast it finds what it holds, and what that costs.
#   bench/kad.sh [NODES] [SESSION MINUTES, 0: for ever] [LIARS OF THOUSAND] [LOOKUPS] [SEED]
# Without arguments: 10,000 nodes that stay for an hour on average, 5,000 lookups. Needs 3.3 GB and half an hour.
#   bench/kad.sh eclipse [NODES] [ATTACKERS] [BITS] [LOOKUPS] [SEED]
# The same with made-up nodes round one key, by the number of their IP groups and by what lookups do about it.
set -eu
cd "$(dirname "$0")/.."
program=KadSimulation
if [ "${1:-}" = eclipse ]; then
  program=KadEclipse
  shift
fi
java=${JAVA_HOME:-$(ls -d /usr/lib/jvm/*25* | head -n 1)}/bin/java
"$java" -Xmx4g -XX:+UseSerialGC --sun-misc-unsafe-memory-access=allow -cp "bench/target/classes:bench/target/lib/*" \
  "dev.gvmi.bench.kad.$program" "$@"
