#!/usr/bin/python3
"""Which threads spend the CPU time of a fetch: one daemon fetches the same image several times, and removes it each time.

    SIZE_MB=1024 WORK=/dev/shm bench/compare/threads.py [SEEDERS [FETCHES]]

Milliseconds of user and system time by the names of threads, those of at least 30 ms. Linux.
"""

import collections
import os
import re
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True  # nothing is left behind
from compare import TICKS, Run, command, daemon, make_image, prefetch, publish, steps


def by_thread(pid):
    """User and system time in seconds; threads of a pool, which end in a number, are one."""
    spent = collections.defaultdict(lambda: [0.0, 0.0])
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/stat") as stat:
                head, _, tail = stat.read().rpartition(")")
        except OSError:
            continue  # it has ended
        name = re.sub(r"[-# ]*\d+$", "", head.partition("(")[2])
        fields = tail.split()
        spent[name][0] += int(fields[11]) / TICKS
        spent[name][1] += int(fields[12]) / TICKS
    return spent


def told(pid, before):
    parts = []
    for name, (user, system) in sorted(by_thread(pid).items(), key=lambda item: -sum(item[1])):
        user, system = user - before[name][0], system - before[name][1]
        if user + system >= 0.03:
            parts.append(f"{name} {user * 1000:.0f}+{system * 1000:.0f}")
    return ", ".join(parts)


def main():
    seeders, fetches = (int(word) for word in (sys.argv[1:] + ["1", "8"][len(sys.argv) - 1:])[:2])
    work = tempfile.mkdtemp(prefix="gvmi-threads-", dir=os.environ.get("WORK", "/tmp"))
    try:
        image = os.path.join(work, "image.gvmi")
        run = Run(work, image, make_image(image, int(os.environ.get("SIZE_MB", "1024"))))
        try:
            names = [f"seeder{n}" for n in range(seeders)]
            peers = [daemon(run, name) for name in names]
            node, _ = daemon(run, "node")
            for name in names:
                publish(run, name)
            run.settle()
            for number in range(fetches):
                pids = [("node", node.process.pid)] + [(name, peer[0].process.pid) for name, peer in zip(names, peers)]
                before = {pid: by_thread(pid) for _, pid in pids}
                wall, _ = prefetch(run, run.sha3, [address for _, address in peers])
                print(f"fetch {number + 1}: {wall:.2f} s")
                for name, pid in pids:
                    print(f"  {name}: {told(pid, before[pid])}", flush=True)
                steps([command(run, "node", "remove", run.sha3)])
        finally:
            run.end()
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
