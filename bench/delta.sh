#!/bin/sh
# What of the next version of an image crosses the network where the one before is held: two builds by mksquashfs, of which 20 files of the application differ (0.4 MB).
#   TREE_MB=320  COMP="lzo gzip xz"  APP=opt/app  WORK=/tmp  bench/delta.sh      (APP: see two_builds.py)
# Prints one line per compression. Needs mksquashfs and python3.
set -eu

TREE_MB=${TREE_MB:-320}
COMP=${COMP:-lzo gzip xz}
. "$(dirname "$0")/daemons.sh"

has_delta() { [ -e "$work/$1/images/$(echo "$2" | cut -c1-2)/$2.delta" ]; }

build() { # NAME: an image of the tree
  mksquashfs "$work/tree" "$work/$1" -noappend -no-progress -comp "$comp" >"$work/mksquashfs.log"
  python3 -c '
import struct, sys, zlib
config = b"{\"Cmd\":[\"sh\"],\"Volumes\":{\"/golem/work\":{}}}"
open(sys.argv[1], "ab").write(struct.pack("<I", zlib.crc32(config)) + config + b"%08d" % len(config))' "$work/$1"
}

for comp in $COMP; do
  python3 "$here/bench/two_builds.py" "$work/tree" "$TREE_MB"
  build v1
  python3 "$here/bench/two_builds.py" "$work/tree" "$TREE_MB" next
  build v2
  start seed
  seed=$address
  start node
  first=$(publish seed "$work/v1")
  second=$(publish seed "$work/v2")
  gvmi node prefetch "$first" --peer "$seed" >"$work/first"
  wait_until has_delta seed "$second"
  wait_until has_delta node "$first"
  sleep 1 # the spans follow the file
  gvmi node prefetch "$second" --peer "$seed" >"$work/second"
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
  end
  rm -rf "$work/tree" "$work/seed" "$work/node"
done
