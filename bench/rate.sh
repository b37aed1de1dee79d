#!/bin/sh
# What passes in 10 s under an upload limit, then under a download limit, against the limit.
#   RATE_MBIT=80  SIZE_MB=256  WORK=/tmp  bench/rate.sh
# Needs Linux, awk and python3. Counts what the fetching daemon received between second 2 and second 12.
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

# once LABEL SEED_OPTIONS NODE_OPTIONS
once() {
  # shellcheck disable=SC2086
  start seed $2
  seed=$address
  image=$(field "$("$launcher" --json --config none --data-dir "$work/seed" publish "$work/image.gvmi" | grep '"image"' | tail -n 1)" image)
  # shellcheck disable=SC2086
  start node $3
  "$launcher" --json --config none --data-dir "$work/node" prefetch "$image" --peer "$seed" >/dev/null 2>&1 &
  fetch=$!
  sleep 2
  first=$(sample)
  sleep 10
  last=$(sample)
  echo "$first $last" | awk -v label="$1" -v mbit="$RATE_MBIT" '{
    rate = ($3 - $1) * 8 / 1000 / ($4 - $2)
    printf "%s: %.2f Mbit/s of %.2f, %+.2f %%, in %.2f s\n", label, rate, mbit, (rate / mbit - 1) * 100, ($4 - $2) / 1000 }'
  kill "$fetch" 2>/dev/null || true
  for pid in $pids; do kill "$pid"; done
  for pid in $pids; do wait "$pid" 2>/dev/null || true; done
  pids=''
  rm -rf "$work/seed" "$work/node"
}

"$launcher" --version >/dev/null # builds before anything is timed
python3 "$here/bench/random_image.py" "$work/image.gvmi" "$SIZE_MB"
once upload "--upload-limit ${RATE_MBIT}Mbit" ""
once download "" "--download-limit ${RATE_MBIT}Mbit"
