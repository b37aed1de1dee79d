#!/bin/sh
# Peak memory of a node: idle for a minute, and fetching 1 GiB and 4 GiB from one peer, and 1 GiB from 50 peers.
#   RUNS=5  SIZES_MB="1024 4096"  PEERS=50  WORK=/tmp  bench/memory.sh
#   JFR=1: also what the fetching node allocated on its heap, by Flight Recorder (its own memory is then in the peak).
# Prints VmHWM in MB, one line per run. Needs Linux (/proc), awk and python3.
set -eu

RUNS=${RUNS:-5}
SIZES_MB=${SIZES_MB:-1024 4096}
PEERS=${PEERS:-50}
. "$(dirname "$0")/daemons.sh"
java=${JAVA_HOME:-$(ls -d /usr/lib/jvm/*25* | head -n 1)}/bin/java

peak() { awk '/^VmHWM/ { printf "%.0f", $2 / 1024 }' "/proc/$1/status"; }

allocated() { # RECORDING: MB, the sum of the samples' weights
  "${java%java}jfr" print --events jdk.ObjectAllocationSample "$1" |
    awk '/weight =/ { scale = $4 == "kB" ? 1024 : $4 == "MB" ? 1048576 : 1; sum += $3 * scale }
         END { printf "%.0f", sum / 1048576 }'
}

# fetch SIZE_MB COUNT: an image of that size, from so many peers
fetch() {
  count=$2
  python3 "$here/bench/random_image.py" "$work/image.gvmi" "$1"
  image=$(publish seed "$work/image.gvmi")
  "$java" -Xmx1g --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -cp "$here/bench/target/classes:$here/bench/target/lib/*" \
    dev.gvmi.bench.Seeders "$work/seed" "$count" >"$work/seeders" 2>"$work/seeders.err" &
  pids="$pids $!"
  wait_until grep -q ready "$work/seeders"
  if [ -n "${JFR:-}" ]; then
    GVMI_P2P_JAVA_OPTS="${GVMI_P2P_JAVA_OPTS:-} -XX:StartFlightRecording=filename=$work/node.jfr" start node
  else
    start node
  fi
  peers=$(sed -n 's#^/#--peer /#p' "$work/seeders" | tr '\n' ' ')
  # shellcheck disable=SC2086
  gvmi node prefetch "$image" $peers >"$work/result"
  line="fetching $1 MiB from $count: $(peak "$pid") MB"
  end
  if [ -n "${JFR:-}" ]; then line="$line, $(allocated "$work/node.jfr") MB allocated"; fi
  rm -rf "$work/seed" "$work/node" "$work/image.gvmi" "$work/node.out"
  echo "$line"
}

for run in $(seq "$RUNS"); do
  start idle
  sleep ${IDLE_S:-60}
  echo "idle for ${IDLE_S:-60} s: $(peak "$pid") MB"
  end
  rm -rf "$work/idle" "$work/idle.out"
  for size in $SIZES_MB; do fetch "$size" 1; done
  [ "$PEERS" -eq 0 ] || fetch 1024 "$PEERS"
done
