#!/bin/sh
# Time of commands that only ask, and from the start of a daemon until it is ready, with no image and with many.
#   IMAGES=1000  RUNS=5  WORK=/tmp  bench/startup.sh
# The images are real: made, hashed and held by the store. Needs python3.
set -eu

IMAGES=${IMAGES:-1000}
RUNS=${RUNS:-5}
. "$(dirname "$0")/daemons.sh"

# Files of that name without a row are verified and taken in at the start: that is how so many get in quickly.
python3 "$here/bench/many_images.py" "$work/many" "$IMAGES"
"$launcher" --data-dir "$work/many" list | grep -c complete | sed 's/$/ images are held/'
mkdir "$work/none"

python3 - "$launcher" "$RUNS" "$work/none" "$work/many" <<'PY'
import glob, json, os, pathlib, statistics, subprocess, sys, time

launcher, runs = sys.argv[1], int(sys.argv[2])
common = [launcher, "--json", "--config", "none", "--data-dir"]


def say(what, times):
    print(f"{what}: median {statistics.median(times):.2f} s, " + " ".join(f"{t:.2f}" for t in times))


def command(what, *args):
    times = []
    for _ in range(runs):
        begin = time.monotonic()
        subprocess.run(args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        times.append(time.monotonic() - begin)
    say(what, times)


def start(data):
    daemon = subprocess.Popen([*common, data, "daemon", "--http", "none", "--listen", "/ip4/127.0.0.1/tcp/0", "--runtime-cache", "none"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    line = daemon.stdout.readline()
    assert json.loads(line)["event"] == "ready", line
    return daemon


command("--version", launcher, "--version")
for data in sys.argv[3:]:
    images = os.path.basename(data)
    command(f"list, {images} held, no daemon", *common, data, "list")
    times = []
    for _ in range(runs):
        begin = time.monotonic()
        daemon = start(data)
        times.append(time.monotonic() - begin)
        daemon.terminate()
        daemon.wait()
    say(f"daemon ready, {images} held", times)
    daemon = start(data)
    command(f"list, {images} held, of a daemon", *common, data, "list")
    for image in glob.glob(f"{data}/images/*/*.gvmi")[:1]:
        command("prefetch of an image that is held, of a daemon", *common, data, "prefetch", pathlib.Path(image).stem)
    daemon.terminate()
    daemon.wait()
PY
