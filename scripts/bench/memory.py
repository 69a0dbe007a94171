"""Measures the memory and the garbage of a mount, idle and under load. See usage below."""

import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import garbage
import peers
from workloads import MIB

USAGE = """Measures resident memory, garbage and pauses of mounts; set in the environment, or behind `make bench-memory`:
  MODES         of wt wb (default: both)
  MINUTES       how long each mode is under load (10)
  ROUNDS        how often the mixed load is measured on each mode; the median counts (5)
  DIRECTORY     where the files are made: 2.5 GiB (/tmp)
  SITES         a directory: which code allocated what, as recordings for `jfr view allocation-by-site`
  OUT           results: OUT.json and OUT.md (dist/bench/memory)
Example: make bench-memory MODES=wb MINUTES=1 SITES=/tmp/sites"""

LOADS = {
    "random write 4K QD16": ("--rw=randwrite", "--bs=4K", "--iodepth=16"),
    "seq write 1M": ("--rw=write", "--bs=1M"),
    "random read 4K QD16": ("--rw=randread", "--bs=4K", "--iodepth=16"),
    "70 % reads, 30 % writes, random 4K QD16": ("--rw=randrw", "--rwmixread=70", "--bs=4K", "--iodepth=16"),
}
SAMPLE_SECONDS = 10
IDLE_SECONDS = 8
LIMIT_MIB, LONGEST_PAUSE_MS = 200, 20


class FreshMount(peers.Mdfuse):
    """A mount that nothing has read or written yet."""

    def warm_up(self):
        pass

    def memory(self):
        """Rss and Anonymous in MiB. Anonymous is what the mount shares with no file, so with no other mount."""
        lines = pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        kib = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
        return {"rss": kib["Rss"] / 1024, "anonymous": kib["Anonymous"] / 1024}

    def cache_mib(self):
        """What the write-back cache may take: a page for each data member and stripe."""
        stripes = int(os.getxattr(self.file, "user.md.stripe_cache_size"))
        return stripes * (self.sizes.members - 1) * 4096 / MIB

    def moved(self):
        """Requests and bytes of reads and writes so far."""
        found = json.loads(os.getxattr(self.file, "user.md.stats"))
        return [found["read"][what] + found["write"][what] for what in ("operations", "bytes")]


def fio(peer, load, seconds):
    """The job that fio reports."""
    text = peer.fio(["--name=m", "--output-format=json", "--ioengine=libaio", "--direct=1", f"--size={peer.sizes.area}",
                     "--randrepeat=0", "--percentile_list=50:99:99.9", *load, "--time_based", f"--runtime={seconds:.0f}"])
    return json.loads(text[text.index("{"):])["jobs"][0]


def measure_load(peer, log, minutes):
    """All loads in turn, twice, each for some samples: growth of an early load shows when the load comes again."""
    samples, rows = [], {name: {"requests": 0, "bytes": 0, "allocated": 0} for name in LOADS}
    pieces = max(1, round(minutes * 60 / SAMPLE_SECONDS / len(LOADS) / 2))
    begun = time.monotonic()
    for name, load in list(LOADS.items()) * 2:
        before, allocated = peer.moved(), log.allocated()
        for _ in range(pieces):
            fio(peer, load, SAMPLE_SECONDS)
            samples.append({"seconds": time.monotonic() - begun, "load": name, **peer.memory()})
        after = peer.moved()
        rows[name]["requests"] += after[0] - before[0]
        rows[name]["bytes"] += after[1] - before[1]
        rows[name]["allocated"] += log.allocated() - allocated
    return samples, rows


def measure_mode(peer, minutes, sites):
    """What one mount takes while it is idle, and under load."""
    log = garbage.Log(peer.pid, peer.directory / "gc.log")
    if sites:
        log.record_sites()
    samples, rows = measure_load(peer, log, minutes)
    if sites:
        log.write_sites(pathlib.Path(sites).resolve() / f"{peer.name}.jfr")
    return {"cache_mib": peer.cache_mib(), "samples": samples, "loads": rows, "pauses_ms": log.pauses_ms()}


def mixed_rounds(mounts, plain, rounds):
    """p99.9 of reads in microseconds in the mixed load, peer after peer in each round."""
    found = {peer.name: [] for peer in [plain, *mounts]}
    for _ in range(rounds):
        for peer in [plain, *mounts]:
            job = fio(peer, LOADS["70 % reads, 30 % writes, random 4K QD16"], 4)
            found[peer.name].append(job["read"]["clat_ns"]["percentile"]["99.900000"] / 1000)
    return found


def report(results, mixed):
    lines = ["| mount | idle: Rss, Anonymous | under load: median Rss, highest | first and last quarter | limit | pauses: number, longest |",
             "|---|---:|---:|---:|---:|---:|"]
    for mode, one in results.items():
        rss = [sample["rss"] for sample in one["samples"]]
        quarter = max(1, len(rss) // 4)
        limit = LIMIT_MIB + (one["cache_mib"] if mode == "wb" else 0)
        pauses = one["pauses_ms"]
        lines.append(f"| {mode} | {one['idle']['rss']:.0f}, {one['idle']['anonymous']:.0f} | {statistics.median(rss):.0f}, {max(rss):.0f} | "
                     f"{statistics.median(rss[:quarter]):.0f}, {statistics.median(rss[-quarter:]):.0f} | {limit:.0f} | "
                     f"{len(pauses)}, {max(pauses, default=0):.1f} ms |")
    lines += ["", "MiB. Limit: 200 MiB, and what the cache of write-back may take.", "",
              "| load | mount | bytes allocated for a request | for a MiB |", "|---|---|---:|---:|"]
    for name in LOADS:
        for mode, one in results.items():
            row = one["loads"][name]
            lines.append(f"| {name} | {mode} | {row['allocated'] / row['requests']:.0f} | {row['allocated'] / (row['bytes'] / MIB):.0f} |")
    lines += ["", "p99.9 of reads among writes (the mixed load), median of the rounds in µs: "
              + ", ".join(f"{name} {statistics.median(figures):.0f}" for name, figures in mixed.items())]
    return "\n".join(lines)


def main():
    if len(sys.argv) > 1:
        raise SystemExit(USAGE)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    modes = os.environ.get("MODES", "").split() or ["wt", "wb"]
    minutes, rounds = float(os.environ.get("MINUTES") or 10), int(os.environ.get("ROUNDS") or 5)
    out = pathlib.Path(os.environ.get("OUT") or peers.ROOT / "dist/bench/memory")
    out.parent.mkdir(parents=True, exist_ok=True)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="mdfuse-memory.", dir=os.environ.get("DIRECTORY") or "/tmp"))
    sizes, mounts, results = peers.Sizes(256, 128), [], {}
    plain = peers.Plain("plain", directory, sizes)
    try:
        plain.start()
        for mode in modes:
            mounts.append(FreshMount(mode, directory, sizes, mode))
            mounts[-1].start()
            time.sleep(IDLE_SECONDS)
            idle = mounts[-1].memory()
            results[mode] = {"idle": idle, **measure_mode(mounts[-1], minutes, os.environ.get("SITES"))}
            print(f"  measured: {mode}", flush=True)
        mixed = mixed_rounds(mounts, plain, rounds)
    finally:
        for mount in mounts:
            try:
                mount.stop()
            except (OSError, RuntimeError, subprocess.SubprocessError) as trouble:
                print(f"stopping {mount.name}: {trouble}", file=sys.stderr)
        peers.remove_tree(directory)
    text = report(results, mixed)
    out.with_suffix(".json").write_text(json.dumps({"modes": results, "mixed_us": mixed}, indent=1))
    out.with_suffix(".md").write_text(text + "\n")
    print(f"{text}\n\nwritten: {out}.json and .md")


if __name__ == "__main__":
    main()
