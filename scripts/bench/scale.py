"""Measures how the cost of reads and writes grows with the array and with the load, and draws it. See usage below."""

import itertools
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile

import peers
from workloads import MIB

USAGE = """Measures arrays of growing size under growing load; set in the environment, or behind `make bench-scale`:
  AXES          of members journal cache jobs (default: all)
  ROUNDS        how often each figure is measured; the median counts (3)
  SECONDS_EACH  seconds of one measurement (1)
  DIRECTORY     where the files are made: 8 GiB at once (/tmp)
  OUT           results: OUT.json, OUT.md and OUT-AXIS.svg (dist/bench/scale)
Example: make bench-scale AXES="members jobs" ROUNDS=5"""

# Each axis: its title, its values, and the array for a value: members, MiB of a member and of the journal, mount options.
AXES = {
    "members": ("members", (3, 4, 8, 16), lambda v: (v, 1024 // v, 128, ())),
    "journal": ("journal in MiB", (64, 256, 1024, 4096), lambda v: (4, 256, v, ())),
    "cache": ("cached stripes at most", (256, 1024, 4096, 16384), lambda v: (4, 256, 256, ("--stripe-cache-size", v))),
    "jobs": ("jobs", (1, 2, 4, 8, 16), lambda v: (4, 256, 256, ())),
}
WORKLOADS = {
    "seq write 1M": ("--rw=write", "--bs=1M"),
    "random write 4K QD16": ("--rw=randwrite", "--bs=4K", "--iodepth=16"),
    "seq read 1M": ("--rw=read", "--bs=1M"),
}
# What grows with jobs is what they share, such as a flush of the journal: each job has one request in hand.
JOB_WORKLOADS = {
    "random write 4K, fsync each": ("--rw=randwrite", "--bs=4K", "--fsync=1"),
    "random write 64K": ("--rw=randwrite", "--bs=64K"),
    "random read 4K": ("--rw=randread", "--bs=4K"),
}
MODES = {"members": ("none", "wt", "wb"), "journal": ("wt", "wb"), "cache": ("wb",), "jobs": ("none", "wt", "wb")}


def measured(peer, fio, jobs, rounds, seconds, area):
    """The median in MiB/s. A cache is full before a write is measured, as far as two seconds are enough for that."""
    each = area // jobs // MIB * MIB
    arguments = ["--name=s", "--output-format=json", "--ioengine=libaio", "--direct=1", "--group_reporting", f"--numjobs={jobs}",
                 f"--size={each}", f"--offset_increment={each}", "--randrepeat=0", *fio, "--time_based"]
    side = "read" if "read" in fio[0] else "write"
    figures = []
    for _ in range(rounds):
        if peer.write_back and side == "write":
            peer.fio([*arguments, "--runtime=2"])
        text = peer.fio([*arguments, f"--runtime={seconds * 1000:.0f}ms"])
        figures.append(json.loads(text[text.index("{"):])["jobs"][0][side]["bw_bytes"] / MIB)
    return statistics.median(figures)


def measure_axis(axis, directory, rounds, seconds):
    title, values, shape = AXES[axis]
    results = []
    for value, mode in itertools.product(values, MODES[axis]):
        members, member_mib, journal_mib, options = shape(value)
        sizes = peers.Sizes(member_mib, journal_mib, members, area_mib=512)
        peer = peers.Mdfuse(f"{axis}-{value}-{mode}", directory, sizes, mode, options=options)
        try:
            peer.start()
            for name, fio in (JOB_WORKLOADS if axis == "jobs" else WORKLOADS).items():
                mib_s = measured(peer, fio, value if axis == "jobs" else 1, rounds, seconds, sizes.area)
                results.append({"axis": axis, "value": value, "mode": mode, "workload": name, "mib_s": mib_s})
        finally:
            peer.stop()
            peers.remove_tree(peer.directory)
        print(f"  measured: {value} {title}, {mode}", flush=True)
    return results


def table(axis, results):
    values = AXES[axis][1]
    lines = [f"| {AXES[axis][0]} | " + " | ".join(map(str, values)) + " |", "|---" + "|---:" * len(values) + "|"]
    for (name, mode), group in itertools.groupby(sorted(results, key=line_of), key=line_of):
        figures = {result["value"]: result["mib_s"] for result in group}
        lines.append(f"| {name}, {mode} | " + " | ".join(f"{figures[value]:.0f}" if figures[value] >= 100 else f"{figures[value]:.1f}"
                                                        for value in values if value in figures) + " |")
    return "\n".join(lines)


def line_of(result):
    return result["workload"], result["mode"]


def draw(out, axis, results):
    lines = {key: list(group) for key, group in itertools.groupby(sorted(results, key=line_of), key=line_of)}
    plots = ", ".join(f"'-' with linespoints linewidth 2 pointtype 7 pointsize 0.6 title '{name}, {mode}'" for name, mode in lines)
    data = "".join("".join(f"{r['value']} {r['mib_s']:.2f}\n" for r in group) + "e\n" for group in lines.values())
    script = (f"set terminal svg size 900,420 font 'sans-serif,11' background rgb 'white'\nset output '{out}'\n"
              f"set logscale x 2\nset logscale y 10\nset xlabel '{AXES[axis][0]}'\nset ylabel 'MiB/s'\nset key outside right\n"
              f"set grid\nset xtics ({', '.join(map(str, AXES[axis][1]))})\nplot {plots}\n{data}")
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def main():
    if len(sys.argv) > 1:
        raise SystemExit(USAGE)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    axes = os.environ.get("AXES", "").split() or list(AXES)
    unknown = [axis for axis in axes if axis not in AXES]
    if unknown:
        raise SystemExit(f"no such axis: {' '.join(unknown)}\n{USAGE}")
    rounds, seconds = int(os.environ.get("ROUNDS") or 3), float(os.environ.get("SECONDS_EACH") or 1)
    out = pathlib.Path(os.environ.get("OUT") or peers.ROOT / "dist/bench/scale")
    out.parent.mkdir(parents=True, exist_ok=True)
    directory = tempfile.mkdtemp(prefix="mdfuse-scale.", dir=os.environ.get("DIRECTORY") or "/tmp")
    results = []
    try:
        for axis in axes:
            found = measure_axis(axis, pathlib.Path(directory), rounds, seconds)
            draw(f"{out}-{axis}.svg", axis, found)
            results += found
    finally:
        peers.remove_tree(directory)
    text = "\n\n".join(table(axis, [result for result in results if result["axis"] == axis]) for axis in axes)
    out.with_suffix(".json").write_text(json.dumps(results, indent=1))
    out.with_suffix(".md").write_text(text + "\n")
    print(f"{text}\n\nwritten: {out}.json, .md and -AXIS.svg")


if __name__ == "__main__":
    main()
