#!/bin/sh
# A swarm in virtual time: crowds in which all lines are alike, with and without faults, and thousands of homes.
#   bench/swarm.sh [--svg FILE] [NAME[:FETCHERS[:MEBIBYTES[:SEED]]]]...      default: all that docs/performance.md shows
# Names: crowd faults seeders stalled (one line of 100 Mbit/s each), homes homes4 churn churn4 (10 to 100 Mbit/s up).
# The same arguments give the same figures. Ten thousand homes need 6 GB and some minutes each. Needs bench/target (mvn package).
set -eu
cd "$(dirname "$0")/.."
java=${JAVA_HOME:-$(ls -d /usr/lib/jvm/*25* | head -n 1)}/bin/java
"$java" -Xmx6g -XX:+UseSerialGC --sun-misc-unsafe-memory-access=allow -cp "bench/target/classes:bench/target/lib/*" \
  dev.gvmi.bench.swarm.SwarmFigures "$@"
