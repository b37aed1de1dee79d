#!/bin/sh
# Time, CPU and memory of an image that goes from one and from two daemons to a third, over loopback.
#   RUNS=5  SIZE_MB=1024  WORK=/tmp  bench/loopback.sh
# Prints one line per run and the medians. Needs Linux (/proc), awk and python3.
set -eu

RUNS=${RUNS:-5}
SIZE_MB=${SIZE_MB:-1024}
. "$(dirname "$0")/daemons.sh"
ticks=$(getconf CLK_TCK)

# User and system seconds of a process so far.
cpu() { sed 's/.*) //' "/proc/$1/stat" | awk -v t="$ticks" '{ printf "%.2f", ($12 + $13) / t }'; }
rss() { awk '/^VmHWM/ { printf "%.0f", $2 / 1024 }' "/proc/$1/status"; }
now() { date +%s.%N; }
minus() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a - b }'; }
median() { sort -n | awk '{ v[NR] = $1 } END { if (NR) print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

python3 "$here/bench/random_image.py" "$work/image.gvmi" "$SIZE_MB"

# once SEEDERS RUN: a line "wall cpu-node cpu-seeder... rss-node rss-seeder..."
once() {
  mkdir "$work/cache"
  peers=''
  seeders=''
  image=''
  for n in $(seq "$1"); do
    start "seed$n"
    seeders="$seeders $pid"
    peers="$peers --peer $address"
    image=$(publish "seed$n" "$work/image.gvmi")
  done
  start node --runtime-cache "$work/cache"
  node=$pid
  before=''
  for p in $node $seeders; do before="$before $(cpu "$p")"; done
  begin=$(now)
  # shellcheck disable=SC2086
  gvmi node prefetch "$image" $peers >"$work/result"
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
  end
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
