#!/bin/sh
# What passes in 10 s under each limit, against the limit: upload and download, in all and of one peer, warm-up, and origin, changed while the daemon runs.
#   RATE_MBIT=80  SIZE_MB=256  WORK=/tmp  bench/rate.sh
# Needs Linux, awk and python3. Counts what the fetching daemon received in 10 s, from the second second on.
set -eu

RATE_MBIT=${RATE_MBIT:-80}
SIZE_MB=${SIZE_MB:-256}
. "$(dirname "$0")/daemons.sh"

# Received bytes and the time of it, as the daemon says: its uptime in ms.
sample() {
  status=$(gvmi node status | tail -n 1)
  echo "$(field "$status" receivedBytes) $(field "$status" uptimeMs)"
}

# seed OPTION...: a daemon that holds the image; sets $seed and $image.
seed() {
  start seed "$@"
  seed=$address
  image=$(publish seed "$work/image.gvmi")
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
  end
  rm -rf "$work/seed" "$work/node"
}

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
gvmi node limits --origin "${RATE_MBIT}Mbit" >/dev/null
prefetch "hash:sha3:$image:http://127.0.0.1:$port/image.gvmi" --allow-private-origin
measure origin
