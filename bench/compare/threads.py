#!/usr/bin/python3
"""Which threads spend the CPU time of a fetch: one daemon fetches the same image several times, and removes it each time.

    SIZE_MB=1024 WORK=/dev/shm bench/compare/threads.py [SEEDERS [FETCHES]]

Milliseconds of user and system time by the names of threads, those of at least 30 ms. Linux.
With PERF=1 also where threads were in the last fetch, by perf (Debian: linux-perf; root): milliseconds by function, those of at least 10 ms.
"""

import collections
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # nothing is left behind
from compare import TICKS, Run, command, daemon, make_image, prefetch, publish, steps


def kind(thread):
    """Threads of a pool, which end in a number, are one."""
    return re.sub(r"[-# ]*\d+-?$", "", thread)


def by_thread(pid):
    """User and system time in seconds."""
    spent = collections.defaultdict(lambda: [0.0, 0.0])
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/stat") as stat:
                head, _, tail = stat.read().rpartition(")")
        except OSError:
            continue  # it has ended
        name = kind(head.partition("(")[2])
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


class Profile:
    """What perf sees of the whole machine, once a millisecond; the JVMs tell at their end which code is whose."""

    JAVA = "-XX:+UnlockDiagnosticVMOptions -XX:+DumpPerfMapAtExit"
    HERTZ = 999

    def __init__(self, work):
        self.data = os.path.join(work, "perf.data")
        self.perf = subprocess.Popen(["perf", "record", "-q", "-a", "-F", str(self.HERTZ), "-o", self.data], stderr=subprocess.DEVNULL)
        time.sleep(1)

    def stop(self):
        self.perf.send_signal(signal.SIGINT)
        self.perf.wait()

    def tell(self, pids):
        """By function, when the JVMs have ended."""
        script = ["perf", "script", "-i", self.data, "-F", "comm,pid,ip,sym"]
        said = subprocess.run(script, capture_output=True, text=True, check=True).stdout
        samples = re.findall(r"^ *(.*?) +(\d+) +[0-9a-f]+ +(.*)$", said, re.MULTILINE)
        for name, pid in pids:
            times = collections.Counter((kind(thread), function) for thread, owner, function in samples if owner == str(pid))
            print(f"  {name}, by thread and function")
            for (thread, function), count in times.most_common():
                if count * 1000 / self.HERTZ >= 10:
                    print(f"    {count * 1000 / self.HERTZ:4.0f} {thread}: {function}")
            if os.path.exists(f"/tmp/perf-{pid}.map"):
                os.remove(f"/tmp/perf-{pid}.map")


def main():
    seeders, fetches = (int(word) for word in (sys.argv[1:] + ["1", "8"][len(sys.argv) - 1:])[:2])
    profiled, profile = os.environ.get("PERF") == "1", None
    if profiled:
        os.environ["GVMI_P2P_JAVA_OPTS"] = Profile.JAVA
    work = tempfile.mkdtemp(prefix="gvmi-threads-", dir=os.environ.get("WORK", "/tmp"))
    try:
        image = os.path.join(work, "image.gvmi")
        run = Run(work, image, make_image(image, int(os.environ.get("SIZE_MB", "1024"))))
        try:
            names = [f"seeder{n}" for n in range(seeders)]
            peers = [daemon(run, name) for name in names]
            node, _ = daemon(run, "node")
            os.environ.pop("GVMI_P2P_JAVA_OPTS", None)
            for name in names:
                publish(run, name)
            run.settle()
            pids = [("node", node.process.pid)] + [(name, peer[0].process.pid) for name, peer in zip(names, peers)]
            for number in range(fetches):
                if profiled and number == fetches - 1:
                    profile = Profile(work)
                before = {pid: by_thread(pid) for _, pid in pids}
                wall, _ = prefetch(run, run.sha3, [address for _, address in peers])
                print(f"fetch {number + 1}: {wall:.2f} s")
                for name, pid in pids:
                    print(f"  {name}: {told(pid, before[pid])}", flush=True)
                if profile:
                    profile.stop()
                steps([command(run, "node", "remove", run.sha3)])
        finally:
            run.end()
        if profile:
            profile.tell(pids)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
