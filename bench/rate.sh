#!/bin/sh
# What passes in 10 s under each limit, against the limit: upload and download, in all and of one peer, warm-up, and origin, changed while the daemon runs.
#   RATE_MBIT=80  SIZE_MB=256  WORK=/tmp  bench/rate.sh
# Needs Linux, awk and python3. Counts what the fetching daemon received in 10 s, from the second second on.
set -eu

RATE_MBIT=${RATE_MBIT:-80}
SIZE_MB=${SIZE_MB:-256}
here=$(CDPATH='' cd "$(dirname "$0")/.." && pwd)
launcher=$here/gvmi-p2p
work=$(mktemp -d "${WORK:-/tmp}/gvmi-rate-XXXXXX")
pids=''

finish() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  for pid in $pids; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

field() { python3 -c 'import json,sys; v=json.loads(sys.argv[1]).get(sys.argv[2]); print(v[0] if isinstance(v,list) else v)' "$1" "$2"; }

# start NAME OPTION...: a daemon; sets $address.
start() {
  name=$1
  shift
  "$launcher" --json --config none --data-dir "$work/$name" daemon --http none --listen /ip4/127.0.0.1/tcp/0 --runtime-cache none "$@" \
    >"$work/$name.out" 2>"$work/$name.err" &
  pids="$pids $!"
  until grep -q '"ready"' "$work/$name.out" 2>/dev/null; do
    kill -0 $! 2>/dev/null || { cat "$work/$name.err" >&2; exit 1; }
    sleep 0.1
  done
  address=$(field "$(grep -m 1 '"ready"' "$work/$name.out")" addresses)
}

# Received bytes and the time of it, as the daemon says: its uptime in ms.
sample() {
  status=$("$launcher" --json --config none --data-dir "$work/node" status | tail -n 1)
  echo "$(field "$status" receivedBytes) $(field "$status" uptimeMs)"
}

# seed OPTION...: a daemon that holds the image; sets $seed and $image.
seed() {
  start seed "$@"
  seed=$address
  image=$(field "$("$launcher" --json --config none --data-dir "$work/seed" publish "$work/image.gvmi" | grep '"image"' | tail -n 1)" image)
}

prefetch() {
  "$launcher" --json --config none --data-dir "$work/node" prefetch "$@" >/dev/null 2>&1 &
  pids="$pids $!"
}

# measure LABEL: what the node receives, and the end of its world.
measure() {
  sleep 2
  first=$(sample)
  sleep 10
  last=$(sample)
  echo "$first $last" | awk -v label="$1" -v mbit="$RATE_MBIT" '{
    rate = ($3 - $1) * 8 / 1000 / ($4 - $2)
    printf "%s: %.2f Mbit/s of %.2f, %+.2f %%, in %.2f s\n", label, rate, mbit, (rate / mbit - 1) * 100, ($4 - $2) / 1000 }'
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  for pid in $pids; do wait "$pid" 2>/dev/null || true; done
  pids=''
  rm -rf "$work/seed" "$work/node"
}

"$launcher" --version >/dev/null # builds before anything is timed
python3 "$here/bench/random_image.py" "$work/image.gvmi" "$SIZE_MB"

seed --upload-limit "${RATE_MBIT}Mbit"
start node
prefetch "$image" --peer "$seed"
measure upload

seed
start node --download-limit "${RATE_MBIT}Mbit"
prefetch "$image" --peer "$seed"
measure download

seed --upload-limit-per-peer "${RATE_MBIT}Mbit"
start node
prefetch "$image" --peer "$seed"
measure "upload to one peer"

seed
start node --download-limit-per-peer "${RATE_MBIT}Mbit"
prefetch "$image" --peer "$seed"
measure "download from one peer"

seed
start node --bootstrap "$seed" --registry none --warm-up "$image" --warm-up-limit "${RATE_MBIT}Mbit"
sleep 10 # it begins then
measure warm-up

python3 -u -m http.server --bind 127.0.0.1 --directory "$work" 0 >"$work/http.out" 2>&1 &
pids="$pids $!"
until grep -q 'port' "$work/http.out"; do sleep 0.1; done
port=$(sed -n 's/.* port \([0-9]*\).*/\1/p' "$work/http.out")
start node
"$launcher" --config none --data-dir "$work/node" limits --origin "${RATE_MBIT}Mbit" >/dev/null
prefetch "hash:sha3:$image:http://127.0.0.1:$port/image.gvmi" --allow-private-origin
measure origin
