#!/usr/bin/env bash
# How much of a new version of an image a node that holds the old one fetches: two OCI layouts of one base layer and an
# application layer in which a few files differ, built, and compared span by span.
#   bench/share.sh [COMPRESSION...]     default: lzo gzip xz
#   BASE=DIR   the base layer (default /usr/lib/python3 and /usr/share/perl), CHANGED=20 of FILES=2000 files
#              differ, the first ones, or with SPREAD=1 every hundredth
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 - "$work" "${BASE:-/usr/lib/python3:/usr/share/perl}" "${FILES:-2000}" "${CHANGED:-20}" "${SPREAD:-0}" <<'P'
import gzip, hashlib, io, json, os, random, sys, tarfile
work, base, files, changed, spread = sys.argv[1], sys.argv[2].split(":"), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "1"
lower = io.BytesIO()
with tarfile.open(fileobj=lower, mode="w") as t:
    for folder in base:
        for top, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(top, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    t.add(path, recursive=False)
lower = lower.getvalue()
words = [bytes(random.Random(i).choices(b"abcdefghijklmnopqrstuvwxyz", k=7)) for i in range(3000)]
def content(i, version):
    r = random.Random(i * 1000 + (version if (i % (files // changed) == 0 if spread else i < changed) else 0))
    return b" ".join(r.choices(words, k=r.randint(100, 5000)))
def app(version):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as t:
        for i in range(files):
            info, data = tarfile.TarInfo("app/%d/%04d.txt" % (i // 100, i)), content(i, version)
            info.size, info.mtime = len(data), 1700000000 + version
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()
for version in (1, 2):
    root = os.path.join(work, "v%d" % version)
    os.makedirs(root + "/blobs/sha256")
    def blob(data, **more):
        name = hashlib.sha256(data).hexdigest()
        open(root + "/blobs/sha256/" + name, "wb").write(data)
        return {"digest": "sha256:" + name, "size": len(data), **more}
    layers = [lower, app(version)]
    config = {"architecture": "amd64", "os": "linux", "config": {"Volumes": {"/work": {}}},
              "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(l).hexdigest() for l in layers]}}
    manifest = {"schemaVersion": 2, "config": blob(json.dumps(config).encode()),
                "layers": [blob(gzip.compress(l, 1, mtime=0)) for l in layers]}
    json.dump({"schemaVersion": 2, "manifests": [blob(json.dumps(manifest).encode())]}, open(root + "/index.json", "w"))
    json.dump({"imageLayoutVersion": "1.0.0"}, open(root + "/oci-layout", "w"))
P
[ $# -gt 0 ] || set -- lzo gzip xz
for compression in "$@"; do
  for version in 1 2; do
    "${GVMI:-./gvmi-p2p}" build "$work/v$version" -o "$work/$version.gvmi" --compression "$compression" -q >/dev/null
  done
  printf '%-5s ' "$compression"
  "${JAVA_HOME:+$JAVA_HOME/bin/}java" bench/SharedSpans.java "$work/1.gvmi" "$work/2.gvmi"
done
