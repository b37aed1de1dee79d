#!/usr/bin/env bash
# A flash crowd in network namespaces on one bridge, each with its own rate up and down (tc tbf): how long the last fetcher takes
# against size/rate, how many copies the seeders sent (bytes of their links, so with all headers), and CPU seconds.
#   RATE=100  SIZE_MB=256  FETCHERS=8  HEAP=96m  WORK=/tmp  bench/flash_crowd.sh [SCENARIO...]    default: crowd faults seeders stalled
#   crowd     one seeder, all fetch at once          faults    the same; one of them sends wrong bytes, halfway two are killed and one stops for good
#   seeders   four seeders, one fetcher              stalled   the same; one seeder stops halfway
# RATE is in Mbit/s. Who stalls is stopped by a signal: its connections stay open and say nothing. Needs Linux, root, ip, tc and
# python3, and for faults bench/target (mvn package). Where the CPU seconds are near the wall time times the cores, the CPU binds and not the links: lower the rate.
set -euo pipefail

RATE=${RATE:-100}
SIZE_MB=${SIZE_MB:-256}
FETCHERS=${FETCHERS:-8}
here=$(cd "$(dirname "$0")/.." && pwd)
launcher=${GVMI:-$here/gvmi-p2p}
java=${JAVA_HOME:-$(ls -d /usr/lib/jvm/*25* | head -n 1)}/bin/java
export GVMI_P2P_JAVA_OPTS="-Xmx${HEAP:-96m} ${GVMI_P2P_JAVA_OPTS:-}"
work=$(mktemp -d "${WORK:-/tmp}/gvmi-crowd-XXXXXX")
tag=gv$$
ticks=$(getconf CLK_TCK)
pids=()
names=()

clear_all() {
  for pid in "${pids[@]}"; do kill -CONT "$pid" 2>/dev/null || true; kill -KILL "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  for name in "${names[@]}"; do ip netns del "$name" 2>/dev/null || true; done
  ip link del "$tag" 2>/dev/null || true
  pids=()
  names=()
  rm -rf "$work"/node*
}
trap 'clear_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

field() { python3 -c 'import json,sys; v=json.loads(sys.argv[1]).get(sys.argv[2]); print(v[0] if isinstance(v,list) else v)' "$1" "$2"; }
gvmi() { local n=$1; shift; ip netns exec "${tag}n$n" "$launcher" --json --data-dir "$work/node$n" "$@"; } # the daemon may be asked over its own loopback
cpu() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk -v t="$ticks" '{ printf "%.2f\n", ($12 + $13) / t }'; }
sent() { cat "/sys/class/net/${tag}p$1/statistics/rx_bytes"; } # the bridge's end receives what the node sends
sum() { awk '{ s += $1 } END { printf "%.2f", s }'; }

# start N: a namespace with a link of the rate both ways, and a daemon in it; its pid is ${pids[N]}.
start() {
  local n=$1 ns=${tag}n$1
  ip netns add "$ns"
  names+=("$ns")
  ip link add "${tag}p$n" type veth peer name eth0 netns "$ns"
  ip link set "${tag}p$n" master "$tag" up
  ip -n "$ns" addr add "10.77.0.$((n + 1))/24" dev eth0
  ip -n "$ns" link set lo up
  ip -n "$ns" link set eth0 up
  tc -n "$ns" qdisc add dev eth0 root tbf rate "${RATE}mbit" burst 64kb latency 50ms
  tc qdisc add dev "${tag}p$n" root tbf rate "${RATE}mbit" burst 64kb latency 50ms
  ip netns exec "$ns" "$launcher" --json --data-dir "$work/node$n" daemon --http none --no-mdns --dht off \
    --listen "/ip4/10.77.0.$((n + 1))/tcp/0" --runtime-cache none >"$work/node$n.out" 2>"$work/node$n.err" &
  pids[n]=$!
  for _ in $(seq 1200); do
    grep -q '"ready"' "$work/node$n.out" && return
    kill -0 "${pids[n]}" 2>/dev/null || break
    sleep 0.1
  done
  cat "$work/node$n.err" >&2
  exit 1
}

# corrupt N: the node ends, and in its place, with its images, comes one that sends other bytes than theirs.
corrupt() {
  local n=$1
  kill "${pids[n]}"
  wait "${pids[n]}" || true
  # shellcheck disable=SC2086
  ip netns exec "${tag}n$n" "$java" $GVMI_P2P_JAVA_OPTS --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -cp "$here/bench/target/classes:$here/bench/target/lib/*" \
    dev.gvmi.bench.WrongSeeder "$work/node$n" "/ip4/10.77.0.$((n + 1))/tcp/0" >"$work/node$n.out" 2>"$work/node$n.err" &
  pids[n]=$!
  for _ in $(seq 600); do
    grep -q p2p "$work/node$n.out" && return
    kill -0 "${pids[n]}" 2>/dev/null || break
    sleep 0.1
  done
  cat "$work/node$n.err" >&2
  exit 1
}

# once LABEL SEEDERS FETCHERS FAULT
once() {
  local label=$1 seeders=$2 fetchers=$3 fault=$4 peers=() image='' n
  ip link add "$tag" type bridge
  ip link set "$tag" up
  for n in $(seq 0 $((seeders + fetchers - 1))); do start "$n"; done
  for n in $(seq 0 $((seeders - 1))); do
    peers+=(--peer "$(field "$(grep -m 1 '"ready"' "$work/node$n.out")" addresses)")
    image=$(field "$(gvmi "$n" publish "$work/image.gvmi" | grep '"image"' | tail -n 1)" image)
  done
  local first=$seeders
  if [ "$fault" = fetchers ]; then
    gvmi "$seeders" publish "$work/image.gvmi" >"$work/published"
    corrupt "$seeders"
    peers+=(--peer "$(cat "$work/node$seeders.out")")
    first=$((seeders + 1))
  fi
  local before=0 used=() fetches=() begin ideal last=0 failed=0 half
  for n in $(seq 0 $((seeders - 1))); do before=$((before + $(sent "$n"))); done
  for pid in "${pids[@]}"; do used+=("$(cpu "$pid")"); done
  ideal=$(awk -v s="$SIZE_MB" -v r="$RATE" 'BEGIN { printf "%.2f", s * 1048576 * 8 / r / 1e6 }')
  half=$(awk -v i="$ideal" 'BEGIN { print i / 2 }')
  begin=$(date +%s.%N)
  for n in $(seq "$first" $((seeders + fetchers - 1))); do
    (gvmi "$n" prefetch "$image" "${peers[@]}" >"$work/node$n.result" 2>&1 && date +%s.%N >"$work/node$n.done") &
    fetches[n]=$!
  done
  local lost=()
  if [ "$fault" != none ]; then sleep "$half"; fi
  case $fault in
    fetchers)
      lost=("$first" $((first + 1)) $((first + 2)))
      kill -KILL "${pids[first]}" "${pids[first + 1]}"
      kill -STOP "${pids[first + 2]}"
      ;;
    seeder) kill -STOP "${pids[0]}" ;;
  esac
  for n in "${!fetches[@]}"; do
    case " ${lost[*]:-} " in *" $n "*) kill "${fetches[n]}" 2>/dev/null || true; continue ;; esac
    wait "${fetches[n]}" || true
    if [ -f "$work/node$n.done" ]; then
      last=$(awk -v a="$(cat "$work/node$n.done")" -v b="$begin" -v l="$last" 'BEGIN { t = a - b; printf "%.2f", (t > l) ? t : l }')
    else
      failed=$((failed + 1))
    fi
  done
  local after=0 spent
  for n in $(seq 0 $((seeders - 1))); do after=$((after + $(sent "$n"))); done
  # The CPU of who was killed is not in it.
  spent=$(for n in "${!used[@]}"; do c=$(cpu "${pids[n]}" || true); [ -z "$c" ] || awk -v a="$c" -v b="${used[n]}" 'BEGIN { print a - b }'; done | sum)
  awk -v label="$label" -v l="$last" -v i="$ideal" -v s="$((after - before))" -v m="$SIZE_MB" -v c="$spent" -v r="$RATE" -v f="$failed" \
    -v cores="$(nproc)" 'BEGIN { printf "%s: %d MiB at %s Mbit/s: last %.2f s = %.2f x size/rate, seeders sent %.2f copies, cpu %.1f s of %.1f on %d cores, failed %d\n",
      label, m, r, l, l / i, s / m / 1048576, c, l * cores, cores, f }'
  clear_all
}

"$launcher" --version >/dev/null # builds before anything is timed
python3 "$here/bench/random_image.py" "$work/image.gvmi" "$SIZE_MB"
[ $# -gt 0 ] || set -- crowd faults seeders stalled
for scenario in "$@"; do
  case $scenario in
    crowd) once crowd 1 "$FETCHERS" none ;;
    faults) once faults 1 "$FETCHERS" fetchers ;;
    seeders) once seeders 4 1 none ;;
    stalled) once stalled 4 1 seeder ;;
    *) echo "no such scenario: $scenario" >&2; exit 2 ;;
  esac
done
