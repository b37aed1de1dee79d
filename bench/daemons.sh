# shellcheck shell=sh
# Read by the scripts of this folder that run daemons: a folder for them that is gone at the end, as they are. Needs python3.
# Sets $here, $launcher and $work; whoever starts another process adds it to $pids.
here=$(CDPATH='' cd "$(dirname "$0")/.." && pwd)
launcher=$here/gvmi-p2p
work=$(mktemp -d "${WORK:-/tmp}/gvmi-$(basename "$0" .sh)-XXXXXX")
pids=''

# All processes that run.
end() {
  for p in $pids; do kill "$p" 2>/dev/null || true; done
  for p in $pids; do wait "$p" 2>/dev/null || true; done
  pids=''
}
trap 'end; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# field JSON NAME: of a list the first.
field() { python3 -c 'import json,sys; v=json.loads(sys.argv[1]).get(sys.argv[2]); print(v[0] if isinstance(v,list) else v)' "$1" "$2"; }

# wait_until COMMAND...: while the process that was started last, $!, runs, and for five minutes.
wait_until() {
  tries=0
  until "$@" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 3000 ] || ! kill -0 $! 2>/dev/null; then
      echo "$(basename "$0"): waited in vain for: $*" >&2
      cat "$work"/*.err >&2
      exit 1
    fi
    sleep 0.1
  done
}

# gvmi NAME COMMAND...: with the data directory of that name.
gvmi() {
  name=$1
  shift
  "$launcher" --json --config none --data-dir "$work/$name" "$@"
}

# start NAME OPTION...: a daemon that is ready; sets $pid and $address. Its gateway and its runtime cache are by the options only.
start() {
  name=$1
  shift
  case " $* " in *' --http '*) ;; *) set -- --http none "$@" ;; esac
  case " $* " in *' --runtime-cache '*) ;; *) set -- --runtime-cache none "$@" ;; esac
  : >"$work/$name.out" # of the daemon before, which was ready, too
  "$launcher" --json --config none --data-dir "$work/$name" daemon --listen /ip4/127.0.0.1/tcp/0 "$@" >"$work/$name.out" 2>"$work/$name.err" &
  pid=$!
  pids="$pids $pid"
  wait_until grep -q '"ready"' "$work/$name.out"
  address=$(field "$(grep -m 1 '"ready"' "$work/$name.out")" addresses)
}

# publish NAME FILE: says the image.
publish() { field "$(gvmi "$1" publish "$2" | grep '"image"' | tail -n 1)" image; }

"$launcher" --version >/dev/null # builds before anything is measured
