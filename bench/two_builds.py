"""Two versions of a tree of files for mksquashfs. Usage: two_builds.py FOLDER MB

Version 1 is written to FOLDER: library files that shrink to some two thirds, and an application of 20 small files. With 'next' as third
argument the application is written again with other content and lengths, 0.4 MB in all; nothing else is touched.
APP is its folder: mksquashfs packs small files together in the order of their names, so those behind a file whose length
changed are packed differently. opt/app (the default) is in front of all others, var/app behind."""
import os, random, sys

folder, megabytes = sys.argv[1], int(sys.argv[2])
changed = len(sys.argv) > 3
app = os.environ.get("APP", "opt/app")
WORDS = b"the quick brown fox jumps over the lazy dog, again and again: "


def content(seed, length):
    source = random.Random(seed)
    out = bytearray()
    while len(out) < length:
        out += source.randbytes(64 + source.randrange(96))
        out += WORDS[: source.randrange(len(WORDS))]
    return bytes(out[:length])


def write(name, data, time):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(data)
    os.utime(path, (time, time))


if not changed:
    written, i = 0, 0
    while written < megabytes << 20:
        length = random.Random(i).choice([3_000, 20_000, 90_000, 400_000, 2_000_000])
        write("usr/lib/%d/file%d" % (i % 40, i), content(i, length), 1_700_000_000)
        written, i = written + length, i + 1
for i in range(20):
    seed = -1 - i - (1000 if changed else 0)
    write("%s/module%d" % (app, i), content(seed, 20_000 + (i * 37 if changed else 0)), 1_700_000_000 + 86_400 * changed)
