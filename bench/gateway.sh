#!/bin/sh
# How fast the gateway serves an image that is held, against nginx with the same file and the same client: median of RUNS each, in turn.
#   SIZE_MB=512  RUNS=5  WORK=/tmp  bench/gateway.sh
# Needs Linux, curl, python3 and nginx (Debian: apt-get install nginx-light). All over loopback.
set -eu

SIZE_MB=${SIZE_MB:-512}
RUNS=${RUNS:-5}
nginx=$(command -v nginx || echo /usr/sbin/nginx)
[ -x "$nginx" ] || { echo "gateway.sh: nginx is missing" >&2; exit 2; }

. "$(dirname "$0")/daemons.sh"

free_port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }

python3 "$here/bench/random_image.py" "$work/image.gvmi" "$SIZE_MB"
chmod 755 "$work"

image=$(publish data "$work/image.gvmi")
start data --http 127.0.0.1:0
gateway=http://$(field "$(grep -m 1 '"ready"' "$work/data.out")" http)/image/$image

port=$(free_port)
cat >"$work/nginx.conf" <<CONF
daemon off; pid $work/nginx.pid; error_log $work/nginx.err; worker_processes 1;
events { }
http { access_log off; sendfile on; tcp_nopush on; server { listen 127.0.0.1:$port; root $work/data/images; } }
CONF
"$nginx" -e "$work/nginx.err" -c "$work/nginx.conf" &
pids="$pids $!"
file=$(cd "$work/data/images" && find . -name "$image.gvmi" | head -n 1)
nginx_url=http://127.0.0.1:$port/${file#./}
wait_until curl -sfI -o /dev/null "$nginx_url"

rate() { curl -sf -o /dev/null -w '%{speed_download} %{size_download}\n' "$1"; }
rate "$gateway" >/dev/null
rate "$nginx_url" >/dev/null
for _ in $(seq "$RUNS"); do
  echo "gateway $(rate "$gateway")"
  echo "nginx $(rate "$nginx_url")"
done >"$work/rates"
python3 - "$work/rates" "$work/image.gvmi" <<'PY'
import os, statistics, sys
size = os.path.getsize(sys.argv[2])
rates = {"gateway": [], "nginx": []}
for line in open(sys.argv[1]):
    who, rate, got = line.split()
    assert int(got) == size, line
    rates[who].append(float(rate))
median = {who: statistics.median(all) for who, all in rates.items()}
for who in rates:
    print(f"{who:8} {median[who] / 1e6:8.0f} MB/s  ({', '.join(f'{r / 1e6:.0f}' for r in rates[who])})")
print(f"gateway / nginx {median['gateway'] / median['nginx']:.2f}")
PY
