#!/bin/sh
# What of the next version of an image crosses the network where the one before is held: two builds by mksquashfs, of which 20 files of the application differ (0.4 MB).
#   TREE_MB=320  COMP="lzo gzip xz"  APP=opt/app  WORK=/tmp  bench/delta.sh      (APP: see two_builds.py)
# Prints one line per compression. Needs mksquashfs and python3.
set -eu

TREE_MB=${TREE_MB:-320}
COMP=${COMP:-lzo gzip xz}
here=$(CDPATH='' cd "$(dirname "$0")/.." && pwd)
launcher=$here/gvmi-p2p
work=$(mktemp -d "${WORK:-/tmp}/gvmi-delta-XXXXXX")
pids=''

finish() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  for pid in $pids; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

field() { python3 -c 'import json,sys; v=json.loads(sys.argv[1]).get(sys.argv[2]); print(v[0] if isinstance(v,list) else v)' "$1" "$2"; }
wait_until() { # COMMAND...
  tries=0
  until "$@" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 3000 ] || exit 1
    sleep 0.1
  done
}
ready() { grep -q '"ready"' "$1"; }
has_delta() { [ -e "$work/$1/images/$(echo "$2" | cut -c1-2)/$2.delta" ]; }

# daemon NAME: sets $address
daemon() {
  : >"$work/$1.out" # of the daemon before, which was ready, too
  "$launcher" --json --data-dir "$work/$1" daemon --http none --listen /ip4/127.0.0.1/tcp/0 \
    --runtime-cache none >"$work/$1.out" 2>"$work/$1.err" &
  pids="$pids $!"
  wait_until ready "$work/$1.out"
  address=$(field "$(grep '"ready"' "$work/$1.out")" addresses)
}

build() { # NAME: an image of the tree
  mksquashfs "$work/tree" "$work/$1" -noappend -no-progress -comp "$comp" >"$work/mksquashfs.log"
  python3 -c '
import struct, sys, zlib
config = b"{\"Cmd\":[\"sh\"],\"Volumes\":{\"/golem/work\":{}}}"
open(sys.argv[1], "ab").write(struct.pack("<I", zlib.crc32(config)) + config + b"%08d" % len(config))' "$work/$1"
}
publish() { field "$("$launcher" --json --data-dir "$work/$1" publish "$work/$2" | grep '"image"' | tail -n 1)" image; }

"$launcher" --version >/dev/null # builds before anything is measured
for comp in $COMP; do
  python3 "$here/bench/two_builds.py" "$work/tree" "$TREE_MB"
  build v1
  python3 "$here/bench/two_builds.py" "$work/tree" "$TREE_MB" next
  build v2
  daemon seed
  seed=$address
  daemon node
  first=$(publish seed v1)
  second=$(publish seed v2)
  "$launcher" --json --data-dir "$work/node" prefetch "$first" --peer "$seed" >"$work/first"
  wait_until has_delta seed "$second"
  wait_until has_delta node "$first"
  sleep 1 # the spans follow the file
  "$launcher" --json --data-dir "$work/node" prefetch "$second" --peer "$seed" >"$work/second"
  python3 - "$comp" "$work/first" "$work/second" <<'PY'
import json, sys
def result(name):
    return [json.loads(l) for l in open(name) if '"event":"result"' in l][-1]
first, second = result(sys.argv[2]), result(sys.argv[3])
fetched = second["bytes"] - second["sources"].get("local", 0)
print("%s: %.1f MB, %.2f MB fetched (%.2f %%) in %.1f s; the version before took %.1f s" % (
    sys.argv[1], second["bytes"] / 1e6, fetched / 1e6, 100 * fetched / second["bytes"],
    second["elapsedMs"] / 1e3, first["elapsedMs"] / 1e3))
PY
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  for pid in $pids; do wait "$pid" 2>/dev/null || true; done
  pids=''
  rm -rf "$work/tree" "$work/seed" "$work/node"
done
