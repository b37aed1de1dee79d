"""What bench/growth.sh runs: see there. Each point is RUNS fetches by daemons that have just started; the table has medians, the plots also the least and the most."""

import math
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import shutil

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "compare"))
from compare import LAUNCHER, Run, command, cpu, daemon, make_image, peak_mb, prefetch, publish, steps  # noqa: E402

RUNS = int(os.environ.get("RUNS", "3"))
OUT = os.environ.get("OUT", ".")
COLOURS = ("#0072b2", "#d55e00")


def numbers(name, default):
    return [int(word) for word in os.environ.get(name, default).split()]


def fetch(run, node, addresses):
    """Wall and CPU seconds of a fetch from those addresses, the command's included, and the node's peak in MB."""
    before = cpu(node.process.pid)
    wall, spent = prefetch(run, run.sha3, addresses)
    return {"s": wall, "MB/s": run.bytes / wall / 1e6, "CPU s": spent + cpu(node.process.pid) - before, "peak MB": peak_mb(node.process.pid)}


def from_seeders(run, seeders):
    services, addresses = zip(*(daemon(run, f"seeder{n}") for n in range(seeders)))
    for n in range(seeders):
        publish(run, f"seeder{n}")
    node, _ = daemon(run, "node")
    before = [cpu(service.process.pid) for service in services]
    row = fetch(run, node, addresses)
    row["CPU s, all seeders"] = sum(cpu(service.process.pid) for service in services) - sum(before)
    row["peak MB, a seeder"] = max(peak_mb(service.process.pid) for service in services)
    return row


def holding(run, images):
    subprocess.run([sys.executable, os.path.join(HERE, "many_images.py"), run.path("node"), str(images)], check=True)
    steps([command(run, "node", "list")])  # takes them in
    begin = time.monotonic()
    node, _ = daemon(run, "node")
    ready = time.monotonic() - begin
    time.sleep(1)
    after = peak_mb(node.process.pid)
    begin = time.monotonic()
    listed = steps([command(run, "node", "list")])[0]
    listing = time.monotonic() - begin
    assert listed.count(".gvmi") >= images, listed
    seeder, address = daemon(run, "seeder")
    publish(run, "seeder")
    return {"s until ready": ready, "peak MB, ready": after, "s of list": listing, **fetch(run, node, [address])}


def measure(title, points, size_of, once):
    """The rows of each point, all points in mixed order."""
    rows = {point: [] for point in points}
    order = [point for point in points for _ in range(RUNS)]
    random.shuffle(order)
    order.sort(key=size_of)  # an image is made once for all that have its size
    work, made = tempfile.mkdtemp(prefix="gvmi-growth-", dir=os.environ.get("WORK", "/tmp")), None
    try:
        for point in order:
            if made != size_of(point):
                made = size_of(point)
                image = os.path.join(work, "image.gvmi")
                sha3 = make_image(image, made)
            run = Run(work, image, sha3)
            run.bytes = os.path.getsize(image)
            try:
                rows[point].append(once(run, point))
            finally:
                run.end()
            print(f"{title} {point}: " + ", ".join(f"{value:.2f} {name}" for name, value in rows[point][-1].items()), file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(work)
    return rows


def table(title, rows):
    names = list(next(iter(rows.values()))[0])
    print(f"\n| {title} | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 1))
    for point, runs in rows.items():
        middle = [statistics.median(run[name] for run in runs) for name in names]
        print(f"| {point:,} | " + " | ".join(f"{value:,.0f}" if "MB" in name else f"{value:,.2f}" for name, value in zip(names, middle)) + " |")
    print(f"\nmedian of {RUNS}; load {os.getloadavg()[0]:.1f} at the end", flush=True)


class Panel:
    """One curve over a logarithmic axis, from 0 up, with the least and the most at each point."""

    WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 340, 260, 60, 30, 50

    def __init__(self, at, colour, title, points, label):
        self.at, self.colour, self.points, self.label, self.title = at, colour, points, label, title
        most = max(max(values) for values in points.values())
        step = 10 ** math.floor(math.log10(most))
        self.top = math.ceil(most / step) * step
        self.first, self.last = math.log(min(points)), math.log(max(points))

    def x(self, point):
        part = (math.log(point) - self.first) / (self.last - self.first) if self.last > self.first else 0.5
        return self.at + self.LEFT + part * (self.WIDTH - self.LEFT - 20)

    def y(self, value):
        return self.HEIGHT - self.BOTTOM - value / self.top * (self.HEIGHT - self.TOP - self.BOTTOM)

    def svg(self):
        left, right = self.at + self.LEFT, self.at + self.WIDTH - 20
        yield f'<text x="{left}" y="18" fill="{self.colour}">{self.title}</text>'
        for i in range(5):
            value = self.top * i / 4
            yield f'<line x1="{left}" x2="{right}" y1="{self.y(value):.1f}" y2="{self.y(value):.1f}" stroke="#ddd"/>'
            yield f'<text x="{left - 6}" y="{self.y(value) + 4:.1f}" text-anchor="end">{value:g}</text>'
        for point, values in self.points.items():
            x = self.x(point)
            yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{self.y(min(values)):.1f}" y2="{self.y(max(values)):.1f}" stroke="{self.colour}"/>'
            yield f'<circle cx="{x:.1f}" cy="{self.y(statistics.median(values)):.1f}" r="3" fill="{self.colour}"/>'
            yield f'<text x="{x:.1f}" y="{self.y(0) + 18:.1f}" text-anchor="middle">{point:,}</text>'
        line = " ".join(f"{self.x(point):.1f},{self.y(statistics.median(values)):.1f}" for point, values in self.points.items())
        yield f'<polyline points="{line}" fill="none" stroke="{self.colour}" stroke-width="2"/>'
        yield f'<text x="{(left + right) / 2:.1f}" y="{self.HEIGHT - 12}" text-anchor="middle">{self.label}</text>'


def plot(name, label, rows, columns):
    panels = [
        Panel(i * Panel.WIDTH, COLOURS[i], title, {point: [run[column] for run in runs] for point, runs in rows.items()}, label)
        for i, (column, title) in enumerate(columns)
    ]
    width, height = Panel.WIDTH * len(panels), Panel.HEIGHT
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>', *(line for panel in panels for line in panel.svg()), "</svg>"]
    path = os.path.join(OUT, f"growth-{name}.svg")
    with open(path, "w") as out:
        out.write("\n".join(lines) + "\n")
    print(f"plot: {path}")


def size():
    rows = measure("MiB", numbers("SIZES_MB", "64 256 1024 4096 8192"), lambda point: point, lambda run, _: from_seeders(run, 1))
    table("MiB", rows)
    plot("size", "MiB of the image, from one seeder", rows, [("s", "seconds"), ("peak MB", "peak RSS of the fetching node, MB")])


def seeders():
    megabytes = int(os.environ.get("SEEDERS_MB", "1024"))
    rows = measure("seeders", numbers("SEEDERS", "1 2 4 8"), lambda _: megabytes, from_seeders)
    table("seeders", rows)
    plot("seeders", f"seeders of an image of {megabytes} MiB", rows, [("s", "seconds"), ("peak MB", "peak RSS of the fetching node, MB")])


def held():
    megabytes = int(os.environ.get("HELD_MB", "64"))
    rows = measure("held", numbers("HELD", "1 10 100 1000"), lambda _: megabytes, holding)
    table("images held", rows)
    plot("held", "images held", rows, [("s until ready", "seconds until the daemon is ready"), ("peak MB", f"peak RSS with a fetch of {megabytes} MiB, MB")])


STEPS = {"size": size, "seeders": seeders, "held": held}


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended then, too
    wanted = sys.argv[1:] or list(STEPS)
    unknown = [name for name in wanted if name not in STEPS]
    if unknown:
        raise SystemExit(f"no such step: {' '.join(unknown)}; there are {' '.join(STEPS)}")
    subprocess.run([LAUNCHER, "--version"], check=True, stdout=subprocess.DEVNULL)  # builds before anything is timed
    for name in wanted:
        STEPS[name]()


if __name__ == "__main__":
    main()
