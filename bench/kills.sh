#!/bin/sh
# Kills daemons (signal 9) at random moments of publishing, fetching, copying from another version, making room and placing, and checks after each restart that files and
# index agree, that what is offered to peers and what lies in the runtime's cache is right, that verify finds nothing but what was flipped, and that the work goes on.
#   KILLS=200  SEED=now  WORK=/dev/shm  ELSEWHERE=/tmp  bench/kills.sh      WORK and ELSEWHERE: folders of two file systems, where there are two
# A kill counts for its stage only if that was under way, by what it had left on the disk. Ends with 1 at the first thing that is wrong, and keeps the files then.
# Needs bench/target (mvn package). 5 to 8 s a kill on two busy cores.
set -eu

KILLS=${KILLS:-200}
SEED=${SEED:-$(date +%s)}
here=$(CDPATH='' cd "$(dirname "$0")/.." && pwd)
java=${JAVA_HOME:-$(ls -d /usr/lib/jvm/*25* | head -n 1)}/bin/java
work=$(mktemp -d "${WORK:-/dev/shm}/gvmi-kills-XXXXXX")
elsewhere=$(mktemp -d "${ELSEWHERE:-/tmp}/gvmi-kills-XXXXXX")
pid=''

trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$work" "$elsewhere"' EXIT
trap 'exit 130' INT TERM

"$here/gvmi-p2p" --version >/dev/null # builds before anything is killed
echo "KILLS=$KILLS SEED=$SEED bench/kills.sh"
"$java" -Xmx1g --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp "$here/bench/target/classes:$here/bench/target/lib/*" \
  dev.gvmi.bench.kill.Kills "$here/gvmi-p2p" "$work" "$elsewhere" "$KILLS" "$SEED" &
pid=$!
if ! wait "$pid"; then
  pid=''
  trap - EXIT
  echo "kept: $work $elsewhere"
  exit 1
fi
pid=''
