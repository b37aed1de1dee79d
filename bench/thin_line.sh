#!/usr/bin/env bash
# An image from one peer over a long, thin line, as a part of what the line carries: median of RUNS. The line is bench/.../ThinLine.java between two network namespaces.
#   RATE=200  RTT=100  QUEUE=75  CC=cubic  SIZE_MB=256  WARM_MB=0  RUNS=3  WORK=/dev/shm  bench/thin_line.sh [tcp] [quic] [plain]      default: all three
# RATE in Mbit/s, with IP headers; RTT and the longest wait in the line's queue in ms. plain is a bare TCP connection of the kernel's, as the measure of what the line itself allows.
# CC is TCP's congestion control, else the machine's. WARM_MB: an image of that size is fetched first, over the same connection, by the same daemons.
# Counted from the call of prefetch in a running daemon to the verified image, so with dialling, handshakes and slow start. Needs Linux, root, ip, python3 and bench/target (mvn package).
set -euo pipefail

RATE=${RATE:-200}
RTT=${RTT:-100}
QUEUE=${QUEUE:-75}
SIZE_MB=${SIZE_MB:-256}
RUNS=${RUNS:-3}
WARM_MB=${WARM_MB:-0}
here=$(cd "$(dirname "$0")/.." && pwd)
launcher=${GVMI:-$here/gvmi-p2p}
java=${JAVA_HOME:-$(ls -d /usr/lib/jvm/*25* | head -n 1)}/bin/java
work=$(mktemp -d "${WORK:-/dev/shm}/gvmi-line-XXXXXX")
tag=gl$$
pids=()

clear_all() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  pids=()
  ip netns del "${tag}a" 2>/dev/null || true
  ip netns del "${tag}b" 2>/dev/null || true
  rm -rf "$work/a" "$work/b" "$work"/*.out
}
trap 'clear_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

field() { python3 -c 'import json,sys; v=json.loads(sys.argv[1]).get(sys.argv[2]); print(v[0] if isinstance(v,list) else v)' "$1" "$2"; }
gvmi() { local n=$1; shift; ip netns exec "$tag$n" "$launcher" --json --config none --data-dir "$work/$n" "$@"; }
await() { # FILE TEXT: of the process that was started last
  for _ in $(seq 600); do
    grep -q "$2" "$1" 2>/dev/null && return
    kill -0 "${pids[-1]}" 2>/dev/null || break
    sleep 0.1
  done
  cat "$work"/*.err >&2
  exit 1
}

# The line, and a namespace at each end of it: 10.79.0.1 and 10.79.0.2.
line() {
  "$java" -Xmx64m -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -cp "$here/bench/target/classes" \
    dev.gvmi.bench.line.ThinLine "${tag}a" "${tag}b" "$RATE" "$RTT" "$QUEUE" >"$work/line.out" 2>>"$work/line.err" &
  pids+=($!)
  await "$work/line.out" ready
  local n=1 end
  for end in a b; do
    ip netns add "$tag$end"
    ip link set "$tag$end" netns "$tag$end"
    ip -n "$tag$end" addr add "10.79.0.$n" peer "10.79.0.$((3 - n))" dev "$tag$end"
    ip -n "$tag$end" link set lo up
    if [ -n "${CC:-}" ]; then ip netns exec "$tag$end" sysctl -qw "net.ipv4.tcp_congestion_control=$CC"; fi
    ip -n "$tag$end" link set "$tag$end" up
    n=$((n + 1))
  done
}

daemon() { # NAME OPTION...
  local n=$1
  shift
  # not by the function: of that, a shell would be killed, and the daemon would go on
  ip netns exec "$tag$n" "$launcher" --json --config none --data-dir "$work/$n" daemon --http none --no-mdns --dht off --registry none --runtime-cache none "$@" \
    >"$work/$n.out" 2>"$work/$n.err" &
  pids+=($!)
  await "$work/$n.out" '"ready"'
}

publish() { field "$(gvmi a publish "$work/$1.gvmi" | grep '"image"' | tail -n 1)" image; }

# Seconds of one fetch, by the node's own clock.
fetch() { # tcp/0 | udp/0/quic-v1
  line
  daemon a --listen "/ip4/10.79.0.1/$1"
  local seeder image
  seeder=$(field "$(grep -m 1 '"ready"' "$work/a.out")" addresses)
  image=$(publish image)
  daemon b --listen "/ip4/10.79.0.2/$1"
  if [ "$WARM_MB" -gt 0 ]; then gvmi b prefetch "$(publish warm)" --peer "$seeder" >/dev/null; fi
  gvmi b prefetch "$image" --peer "$seeder" >"$work/fetch.out"
  tail -n 1 "$work/fetch.out" | python3 -c 'import json,sys
r = json.loads(sys.stdin.read())
assert r["outcome"] == "complete", r
print(r["elapsedMs"] / 1000)' >"$work/seconds"
  clear_all
}

plain() {
  line
  ip netns exec "${tag}a" python3 - "$SIZE_MB" <<'P' >"$work/plain.out" &
import socket, sys
server = socket.create_server(("10.79.0.1", 7000))
print("ready", flush=True)
peer, _ = server.accept()
peer.sendall(bytes(int(sys.argv[1]) << 20))
P
  pids+=($!)
  await "$work/plain.out" ready
  ip netns exec "${tag}b" python3 - "$SIZE_MB" <<'P' >"$work/seconds"
import socket, sys, time
begin, left, buffer = time.monotonic(), int(sys.argv[1]) << 20, bytearray(1 << 18)
peer = socket.create_connection(("10.79.0.1", 7000))
while left:
    n = peer.recv_into(buffer)
    assert n
    left -= n
print(time.monotonic() - begin)
P
  clear_all
}

"$launcher" --version >/dev/null # builds before anything is timed
python3 "$here/bench/random_image.py" "$work/image.gvmi" "$SIZE_MB"
if [ "$WARM_MB" -gt 0 ]; then python3 "$here/bench/random_image.py" "$work/warm.gvmi" "$WARM_MB"; fi
[ $# -gt 0 ] || set -- tcp quic plain
for way in "$@"; do
  : >"$work/all"
  : >"$work/line.err"
  for _ in $(seq "$RUNS"); do
    case $way in
      tcp) fetch tcp/0 ;;
      quic) fetch udp/0/quic-v1 ;;
      plain) plain ;;
      *) echo "no such way: $way" >&2; exit 2 ;;
    esac
    cat "$work/seconds" >>"$work/all"
  done
  python3 - "$way" "$work/all" "$SIZE_MB" "$RATE" <<'P'
import statistics, sys
way, size, rate = sys.argv[1], int(sys.argv[3]) << 20, float(sys.argv[4])
seconds = [float(line) for line in open(sys.argv[2])]
middle = statistics.median(seconds)
print("%-5s %.2f s, %.2f MB/s, %.1f %% of the line (%s s)" % (
    way, middle, size / middle / 1e6, size * 8e-6 / middle / rate * 100, ", ".join("%.2f" % s for s in seconds)))
P
  sed 's/^/      /' "$work/line.err"
done
