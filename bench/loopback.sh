#!/bin/sh
# Time, CPU and memory of an image that goes from one and from two daemons to a third, over loopback.
#   RUNS=5  SIZE_MB=1024  WORK=/tmp  bench/loopback.sh
# Prints one line per run and the medians. Needs Linux (/proc), awk and python3.
set -eu

RUNS=${RUNS:-5}
SIZE_MB=${SIZE_MB:-1024}
here=$(CDPATH='' cd "$(dirname "$0")/.." && pwd)
launcher=$here/gvmi-p2p
work=$(mktemp -d "${WORK:-/tmp}/gvmi-loopback-XXXXXX")
ticks=$(getconf CLK_TCK)
pids=''

finish() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  for pid in $pids; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

field() { python3 -c 'import json,sys; v=json.loads(sys.argv[1]).get(sys.argv[2]); print(v[0] if isinstance(v,list) else v)' "$1" "$2"; }

# start NAME: a daemon; sets $pid and $address.
start() {
  cache=none
  if [ "$1" = node ]; then cache=$work/cache; fi
  "$launcher" --json --data-dir "$work/$1" daemon --http none --listen /ip4/127.0.0.1/tcp/0 \
    --runtime-cache "$cache" >"$work/$1.out" 2>"$work/$1.err" &
  pid=$!
  pids="$pids $pid"
  tries=0
  until grep -q '"ready"' "$work/$1.out" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ] || ! kill -0 "$pid" 2>/dev/null; then
      cat "$work/$1.err" >&2
      exit 1
    fi
    sleep 0.1
  done
  address=$(field "$(grep -m 1 '"ready"' "$work/$1.out")" addresses)
}

# User and system seconds of a process so far.
cpu() { sed 's/.*) //' "/proc/$1/stat" | awk -v t="$ticks" '{ printf "%.2f", ($12 + $13) / t }'; }
rss() { awk '/^VmHWM/ { printf "%.0f", $2 / 1024 }' "/proc/$1/status"; }
now() { date +%s.%N; }
minus() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a - b }'; }
median() { sort -n | awk '{ v[NR] = $1 } END { if (NR) print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

"$launcher" --version >/dev/null # builds before anything is timed
python3 "$here/bench/random_image.py" "$work/image.gvmi" "$SIZE_MB"

# once SEEDERS RUN: a line "wall cpu-node cpu-seeder... rss-node rss-seeder..."
once() {
  pids=''
  mkdir "$work/cache"
  peers=''
  seeders=''
  image=''
  for n in $(seq "$1"); do
    start "seed$n"
    seeders="$seeders $pid"
    peers="$peers --peer $address"
    image=$(field "$("$launcher" --json --data-dir "$work/seed$n" publish "$work/image.gvmi" | grep '"image"' | tail -n 1)" image)
  done
  start node
  node=$pid
  before=''
  for p in $node $seeders; do before="$before $(cpu "$p")"; done
  begin=$(now)
  # shellcheck disable=SC2086
  "$launcher" --json --data-dir "$work/node" prefetch "$image" $peers >"$work/result"
  wall=$(minus "$(now)" "$begin")
  placed=$(field "$(tail -n 1 "$work/result")" placed)
  cmp "$work/image.gvmi" "$placed"
  line=$wall
  # shellcheck disable=SC2086
  set -- $before
  for p in $node $seeders; do
    line="$line $(minus "$(cpu "$p")" "$1")"
    shift
  done
  for p in $node $seeders; do line="$line $(rss "$p")"; done
  for p in $pids; do kill "$p"; done
  for p in $pids; do wait "$p" 2>/dev/null || true; done
  pids=''
  rm -rf "$work/cache" "$work"/seed* "$work/node" "$work/node.out" "$work/node.err"
}

for count in 1 2; do
  : >"$work/lines"
  for run in $(seq "$RUNS"); do
    once "$count"
    echo "seeders=$count run=$run wall_s, cpu_s node seeders, rss_mb node seeders: $line"
    echo "$line" >>"$work/lines"
  done
  medians=''
  for column in $(seq "$((1 + 2 * (count + 1)))"); do
    medians="$medians $(awk -v c="$column" '{ print $c }' "$work/lines" | median)"
  done
  echo "seeders=$count MEDIAN of $RUNS, $SIZE_MB MiB:$medians"
done
