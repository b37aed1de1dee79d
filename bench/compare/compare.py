#!/usr/bin/python3
"""One image, from those who have it to a complete file whose SHA3-224 is known to be right: gvmi-p2p and others, in mixed order.

    SIZE_MB=1024 RUNS=5 WORK=/dev/shm bench/compare/compare.py [CONTESTANT...]

Debian: apt-get install python3-libtorrent aria2 nginx-light curl openssl; kubo's ipfs on the path. Who is missing is left out, and that is said. Everything runs
over loopback. CPU is user and system time of what fetches and checks, and of what serves, during the fetch; RSS is the peak of what fetches
(the sum over a pipe's processes). Of gvmi-p2p the daemons run already, as a torrent client or the kernel would, and are new for each run (for some ten seconds); or have moved other images
before, where that is said, as those that run for days.
"""

import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LAUNCHER = os.path.join(ROOT, "gvmi-p2p")
PEER = os.path.join(HERE, "libtorrent_peer.py")
TICKS = os.sysconf("SC_CLK_TCK")
SETTLE_S = 10  # what a program still does with what it was given last, and at its start


def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu(pid):
    """Of a process and of its children that live."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / TICKS
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        return own + sum(cpu(int(child)) for child in children.read().split())


def peak_mb(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)) / 1024


class Service:
    """A process that serves until it is ended."""

    def __init__(self, args, ready, log):
        self.log = open(log, "wb")
        self.process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=self.log, text=True, start_new_session=True)
        self.line = self.process.stdout.readline() if ready else ""
        if ready and not self.line:
            raise SystemExit(f"{args[0]} did not start: {open(log).read()}")
        self.before = cpu(self.process.pid)

    def used(self):
        return cpu(self.process.pid) - self.before

    def end(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


def steps(*pipes):
    """Runs pipes one after the other; the standard output of the last, CPU seconds, and the greatest sum of peaks in MB."""
    total, peak, said = 0.0, 0.0, ""
    for pipe in pipes:
        processes, feed = [], None
        for args in pipe:
            process = subprocess.Popen(args, stdin=feed, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            if feed:
                feed.close()
            feed = process.stdout
            processes.append(process)
        said = feed.read().decode()
        feed.close()
        rss = 0
        for process in processes:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise SystemExit(f"{' '.join(process.args)} ended with {process.returncode}")
            total += usage.ru_utime + usage.ru_stime
            rss += usage.ru_maxrss / 1024
        peak = max(peak, rss)
    return said, total, peak


class Run:
    """One fetch in a folder of its own."""

    def __init__(self, work, image, sha3):
        self.folder = tempfile.mkdtemp(dir=work)
        self.image, self.sha3, self.services = image, sha3, []

    def path(self, name):
        return os.path.join(self.folder, name)

    def serve(self, name, args, ready=True):
        service = Service(args, ready, self.path(name + ".log"))
        self.services.append(service)
        return service

    def settle(self):
        """CPU counts from here."""
        time.sleep(SETTLE_S)
        for service in self.services:
            service.before = cpu(service.process.pid)

    def checked(self, said):
        if self.sha3 not in said:
            raise SystemExit(f"SHA3 is {said}, not {self.sha3}")

    def end(self):
        for service in self.services:
            service.end()
        shutil.rmtree(self.folder)


def openssl(path):
    return [["openssl", "dgst", "-sha3-224", path]]


def make_image(path, megabytes):
    subprocess.run([sys.executable, os.path.join(ROOT, "bench", "random_image.py"), path, str(megabytes)], check=True)
    return steps(openssl(path))[0].split()[-1]


def command(run, name, *args):
    return [LAUNCHER, "--json", "--config", "none", "--data-dir", run.path(name), *args]


def daemon(run, name):
    service = run.serve(name, command(run, name, "daemon", "--http", "none", "--no-mdns", "--listen", "/ip4/127.0.0.1/tcp/0", "--runtime-cache", "none"))
    return service, json.loads(service.line)["addresses"][0]


def publish(run, name, image=None):
    steps([command(run, name, "publish", image or run.image)])


def prefetch(run, image, peers):
    """Wall seconds, and CPU seconds of the command alone."""
    begin = time.monotonic()
    said, spent, _ = steps([command(run, "node", "prefetch", image, *(word for peer in peers for word in ("--peer", peer)))])
    wall = time.monotonic() - begin
    done = json.loads(said.splitlines()[-1])
    assert done["outcome"] == "complete" and done["bytes"] == os.path.getsize(run.image), done
    return wall, spent


def warm_up(run, names, peers):
    """Another image of the size, which nobody has any more afterwards."""
    other = run.path("other.gvmi")
    sha3 = make_image(other, os.path.getsize(run.image) >> 20)
    for name in names:
        publish(run, name, other)
    os.remove(other)
    prefetch(run, sha3, peers)
    for name in [*names, "node"]:
        steps([command(run, name, "remove", sha3)])


def ours(seeders, before=0):
    """The daemons are new, or have moved so many other images before."""

    def fetch(run):
        names = [f"seeder{n}" for n in range(seeders)]
        peers = [daemon(run, name)[1] for name in names]
        node, _ = daemon(run, "node")
        for _ in range(before):
            warm_up(run, names, peers)
        for name in names:
            publish(run, name)
        run.settle()
        wall, spent = prefetch(run, run.sha3, peers)
        return wall, spent + node.used(), sum(s.used() for s in run.services if s is not node), peak_mb(node.process.pid)

    return fetch


def libtorrent(seeders, checks):
    def fetch(run):
        torrent = run.path("image.torrent")
        subprocess.run(["/usr/bin/python3", PEER, "make", run.image, torrent], check=True)
        ports = [str(port()) for _ in range(seeders)]
        for n, at in enumerate(ports):
            run.serve(f"seeder{n}", ["/usr/bin/python3", PEER, "seed", torrent, os.path.dirname(run.image), at])
        get = [["/usr/bin/python3", PEER, "get", torrent, run.folder, str(port()), *ports]]
        begin = time.monotonic()
        said, spent, rss = steps(get, *([openssl(run.path("image.gvmi"))] if checks else []))
        wall = time.monotonic() - begin
        if checks:
            run.checked(said)
        return wall, spent, sum(s.used() for s in run.services), rss

    return fetch


def kubo(run):
    """Two nodes that know each other only, with their stores on the same file system; what `ipfs get` writes is checked as the others' is."""

    def ipfs(name, *args):
        return ["env", f"IPFS_PATH={run.path(name)}", "IPFS_TELEMETRY=off", "ipfs", *args]

    def node(name):
        config = [["init", "--profile", "test"], ["bootstrap", "rm", "--all"], ["config", "--json", "AutoConf.Enabled", "false"],
                  ["config", "Routing.Type", "none"], ["config", "--json", "DNS.Resolvers", "{}"], ["config", "--json", "Routing.DelegatedRouters", "[]"],
                  ["config", "--json", "Ipns.DelegatedPublishers", "[]"]]
        for args in config:
            subprocess.run(ipfs(name, *args), check=True, stdout=subprocess.DEVNULL)
        service = run.serve(name, ipfs(name, "daemon"))
        while "Daemon is ready" not in service.line:
            service.line = service.process.stdout.readline()
            assert service.line, open(run.path(name + ".log")).read()
        return service

    seeder = node("seeder")
    cid = steps([ipfs("seeder", "add", "--quieter", run.image)])[0].strip()
    peer = json.loads(steps([ipfs("seeder", "id")])[0])
    address = next(a for a in peer["Addresses"] if "/ip4/127.0.0.1/tcp/" in a)
    fetcher = node("node")
    out = run.path("image.gvmi")
    run.settle()
    begin = time.monotonic()
    said, spent, _ = steps([ipfs("node", "swarm", "connect", address)], [ipfs("node", "get", "--progress=false", "-o", out, cid)], openssl(out))
    wall = time.monotonic() - begin
    run.checked(said)
    return wall, spent + fetcher.used(), seeder.used(), peak_mb(fetcher.process.pid)


def nginx(run):
    at = port()
    with open(run.path("nginx.conf"), "w") as conf:
        conf.write(f"daemon off; master_process off; pid {run.path('pid')}; error_log stderr;\n"
                   f"events {{ worker_connections 64; }}\n"
                   f"http {{ access_log off; sendfile on; client_body_temp_path {run.folder}; proxy_temp_path {run.folder};"
                   f" fastcgi_temp_path {run.folder}; uwsgi_temp_path {run.folder}; scgi_temp_path {run.folder};\n"
                   f"server {{ listen 127.0.0.1:{at}; root {os.path.dirname(run.image)}; }} }}\n")
    service = run.serve("nginx", ["nginx", "-c", run.path("nginx.conf")], ready=False)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", at)) == 0:
                return service, f"http://127.0.0.1:{at}/{os.path.basename(run.image)}"
        time.sleep(0.05)
    raise SystemExit("nginx did not start")


def by_http(pipes):
    def fetch(run):
        service, url = nginx(run)
        out = run.path("image.gvmi")
        begin = time.monotonic()
        said, spent, rss = steps(*pipes(url, out, run.folder))
        wall = time.monotonic() - begin
        run.checked(said)
        assert os.path.getsize(out) == os.path.getsize(run.image)
        return wall, spent, service.used(), rss

    return fetch


def curl(url, out, _):
    return [[["curl", "-sS", url], ["tee", out], ["openssl", "dgst", "-sha3-224"]]]


def aria2(url, out, folder):
    return [[["aria2c", "-q", "-x", "4", "-s", "4", "--file-allocation=none", "-d", folder, "-o", os.path.basename(out), url]], openssl(out)]


def has_libtorrent():
    probe = subprocess.run(["/usr/bin/python3", "-c", "import libtorrent"], stderr=subprocess.DEVNULL)
    return probe.returncode == 0


def has(*programs):
    return lambda: all(shutil.which(program) for program in programs)


CONTESTANTS = {
    "gvmi-p2p, 1 seeder": (lambda: True, ours(1)),
    "gvmi-p2p, 1 seeder, after 4 images": (lambda: True, ours(1, before=4)),
    "gvmi-p2p, 1 seeder, after 12 images": (lambda: True, ours(1, before=12)),
    "gvmi-p2p, 2 seeders": (lambda: True, ours(2)),
    "gvmi-p2p, 4 seeders": (lambda: True, ours(4)),
    "libtorrent, no SHA3": (has_libtorrent, libtorrent(1, False)),
    "libtorrent, then openssl": (has_libtorrent, libtorrent(1, True)),
    "libtorrent, 4 seeders, then openssl": (has_libtorrent, libtorrent(4, True)),
    "kubo, then openssl": (has("ipfs", "openssl"), kubo),
    "curl | tee | openssl": (has("curl", "nginx", "openssl"), by_http(curl)),
    "aria2, then openssl": (has("aria2c", "nginx", "openssl"), by_http(aria2)),
}


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended then, too
    size, runs = int(os.environ.get("SIZE_MB", "1024")), int(os.environ.get("RUNS", "5"))
    wanted = [name for name in CONTESTANTS if not sys.argv[1:] or any(word in name for word in sys.argv[1:])]
    for name in [name for name in wanted if not CONTESTANTS[name][0]()]:
        print(f"{name}: not installed here, left out")
        wanted.remove(name)
    subprocess.run([LAUNCHER, "--version"], check=True, stdout=subprocess.DEVNULL)  # builds before anything is timed
    work = tempfile.mkdtemp(prefix="gvmi-compare-", dir=os.environ.get("WORK", "/tmp"))
    figures = {name: [] for name in wanted}
    try:
        os.mkdir(os.path.join(work, "given"))
        image = os.path.join(work, "given", "image.gvmi")
        sha3 = make_image(image, size)
        for number in range(runs):
            for name in random.sample(wanted, len(wanted)):
                run = Run(work, image, sha3)
                try:
                    figures[name].append(CONTESTANTS[name][1](run))
                finally:
                    run.end()
                print(f"run {number + 1}, {name}: " + "wall {:.2f} s, CPU {:.2f} s, of the other side {:.2f} s, {:.0f} MB".format(*figures[name][-1]), flush=True)
    finally:
        shutil.rmtree(work)
    print(f"\nmedian of {runs}, {size} MiB, {work}; load {os.getloadavg()[0]:.1f} at the end\n")
    print("| | wall s | CPU s, who fetches | CPU s, who serves | peak RSS MB |\n|---|---|---|---|---|")
    for name, rows in figures.items():
        middle = [statistics.median(column) for column in zip(*rows)]
        print("| {} | {:.2f} | {:.2f} | {:.2f} | {:.0f} |".format(name, *middle))


if __name__ == "__main__":
    main()
