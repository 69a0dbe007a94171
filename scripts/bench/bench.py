"""Measures arrays of mdfuse beside their peers with fio. See usage below; scripts/bench/run.sh starts this."""

import datetime
import json
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import md
import peers
import picture
import report
from workloads import MIB, OVERWRITE, WORKLOADS

USAGE = """Measures with fio, side by side; set in the environment, or behind `make bench`:
  PEERS         of plain null btrfs md-none md-wt md-wb none wt wb base-none base-wt base-wb (default: all that are there)
  WORKLOADS     of {workloads} (default: all)
  ROUNDS        how often each figure is measured; the median counts (3)
  SECONDS_EACH  seconds of one measurement (1)
  FRONTENDS     front ends to compare, such as "jnr-fuse fuse3" (default: the one that mdfuse chooses)
  BASE          a commit whose build is measured too
  MEMBER_MIB JOURNAL_MIB    sizes (256 128); half of the array's size is read and written
  MOUNT_OPTIONS options for each mount of mdfuse, such as "--direct"
  AMPLIFICATION no: do not count the bytes that reach the devices
  DIRECTORY     where the files are made (/tmp)
  OUT           results: OUT.json, OUT.md and OUT.svg (dist/bench/latest)
Example: make bench WORKLOADS="rand-write-4k rand-write-64k" PEERS="plain md-wt wt" ROUNDS=5 BASE=HEAD~1"""


def setting(name, default=""):
    return os.environ.get(name) or default


class Bench:
    def __init__(self, directory):
        self.directory = directory
        self.rounds, self.seconds = int(setting("ROUNDS", "3")), float(setting("SECONDS_EACH", "1"))
        self.sizes = peers.Sizes(int(setting("MEMBER_MIB", "256")), int(setting("JOURNAL_MIB", "128")))
        wanted = setting("WORKLOADS").split()
        unknown = set(wanted) - {workload.name for workload in WORKLOADS}
        if unknown:
            raise SystemExit(f"no such workload: {' '.join(sorted(unknown))}\n{usage()}")
        self.workloads = [workload for workload in WORKLOADS if not wanted or workload.name in wanted]
        self.started, self.results, self.amplification = [], [], []
        self.peers = self.make_peers()

    def make_peers(self):
        names = setting("PEERS", "plain null btrfs md-none md-wt md-wb none wt wb").split()
        base = self.base_program()
        if base and not any(name.startswith("base-") for name in names):
            names += ["base-wt", "base-wb"]
        frontends = setting("FRONTENDS").split() or [None]
        md_names = [name for name in names if name in md.ARRAYS]
        if md_names and not md.Machine.available():
            print("left out: md, since this kernel has none and the oracle is not built (make oracle)")
            names, md_names = [name for name in names if name not in md_names], []
        if "btrfs" in names and not (os.geteuid() == 0 and shutil.which("mkfs.btrfs") and btrfs_works()):
            print("left out: btrfs, which needs root, mkfs.btrfs and a kernel that has it")
            names.remove("btrfs")
        self.machine = md.Machine(self.directory, self.sizes, md_names) if md_names else None
        made = []
        for name in names:
            made += self.make_peer(name, frontends, base)
        return made

    def make_peer(self, name, frontends, base):
        place = (self.directory, self.sizes)
        if name in md.ARRAYS:
            return [md.MdArray(name, *place, self.machine)]
        if name.startswith("base-"):
            return [peers.Mdfuse(name, *place, name[5:], program=base)] if base else []
        variants = [(name + (f"/{frontend}" if frontend else ""), frontend) for frontend in frontends]
        match name:
            case "plain": return [peers.Plain(name, *place)]
            case "btrfs": return [peers.Btrfs(name, *place)]
            case "null": return [peers.NoStorage(label, *place, frontend) for label, frontend in variants]
            case "none" | "wt" | "wb": return [peers.Mdfuse(label, *place, name, frontend=frontend) for label, frontend in variants]
        raise SystemExit(f"no such peer: {name}\n{usage()}")

    @staticmethod
    def base_program():
        commit = setting("BASE")
        if not commit:
            return None
        built = subprocess.run([peers.ROOT / "scripts/bench/base.sh", commit], text=True, stdout=subprocess.PIPE, check=True)
        return pathlib.Path(built.stdout.strip())

    def start(self):
        for peer in [*([self.machine] if self.machine else []), *self.peers]:
            self.started.append(peer)
            peer.start()
        for peer in self.peers:
            # A mount that writes begins with an empty page cache, and md with the images just written in its own: what
            # is measured is neither, but an array in use.
            peer.fio(self.arguments(OVERWRITE, []))

    def stop(self):
        while self.started:
            peer = self.started.pop()
            try:
                peer.stop()
            except Exception as trouble:
                print(f"stopping {getattr(peer, 'name', 'md')}: {trouble}", file=sys.stderr)

    def measure_all(self):
        """md counts the bytes written before its array is degraded: without a member it takes no write-back mode."""
        self.begin = time.monotonic()
        self.measure_workloads([workload for workload in self.workloads if not workload.degraded])
        if setting("AMPLIFICATION") != "no":
            self.count_written_by_md()
        self.measure_workloads([workload for workload in self.workloads if workload.degraded])

    def measure_workloads(self, workloads):
        for workload in workloads:
            able = [peer for peer in self.peers if peer.redundant or not workload.degraded]
            for peer in able:
                if workload.degraded:
                    peer.degrade()
            for number in range(self.rounds):
                # No peer is always the one that runs behind the same other one.
                turn = number % len(able) if able else 0
                for peer in able[turn:] + able[:turn]:
                    self.measure(workload, peer, number)
            print(f"  measured: {workload.title}, {time.monotonic() - self.begin:.0f} s", flush=True)

    def measure(self, workload, peer, number):
        timed = ["--time_based", f"--runtime={self.seconds * 1000:.0f}ms"]
        if peer.write_back and workload.writes:
            peer.drain()
            self.take(workload, peer, number, "burst", [f"--io_size={workload.burst_bytes}"])
            # What follows must find the journal full: its size is written once more, as far as that is done in time.
            peer.fio(self.arguments(workload, [f"--io_size={self.sizes.journal}", "--runtime=2"]))
            self.take(workload, peer, number, "sustained", timed)
        else:
            self.take(workload, peer, number, "sustained", timed)

    def arguments(self, workload, more):
        return ["--name=b", "--output-format=json", "--ioengine=libaio", "--direct=1", f"--size={self.sizes.area}",
                "--randrepeat=0", "--percentile_list=50:99:99.9", *workload.fio, *more]

    def take(self, workload, peer, number, state, more):
        if not (peer.write_back and workload.writes and state == "sustained"):
            os.sync()
        machine, server = busy_seconds(), peer.cpu_seconds()
        text = peer.fio(self.arguments(workload, more))
        machine = busy_seconds() - machine
        job = json.loads(text[text.index("{"):])["jobs"][0]
        side = job["write" if workload.writes else "read"]
        gib = side["io_bytes"] / (1 << 30)
        seconds = max(side["runtime"], 1) / 1000
        self.results.append({
            "workload": workload.name, "peer": peer.name, "state": state, "round": number,
            "mib_s": side["io_bytes"] / MIB / seconds, "iops": side["total_ios"] / seconds,
            "p999_us": side["clat_ns"].get("percentile", {}).get("99.900000", 0) / 1000,
            "cpu_s_per_gib": machine / gib if gib else None,
            "server_cpu_s_per_gib": (peer.cpu_seconds() - server) / gib if gib and server is not None else None})

    def count_written(self):
        """The bytes that reach each device of mdfuse, on loop devices, since these count. Only as root."""
        for mode in [mode for mode in ("none", "wt", "wb") if any(report.base_name(p.name) == mode for p in self.peers)]:
            loops = LoopArray(self.directory, self.sizes, mode)
            self.started.append(loops)
            loops.start()
            self.count_for(loops.array, loops.written_bytes)
            self.stop_newest()

    def count_written_by_md(self):
        for peer in self.peers:
            if isinstance(peer, md.MdArray):
                self.count_for(peer, peer.written_bytes)

    def stop_newest(self):
        self.started.pop().stop()

    def count_for(self, peer, count):
        for workload in [workload for workload in self.workloads if workload.writes]:
            peer.drain()
            before = count()
            text = peer.fio(self.arguments(workload, [f"--io_size={workload.burst_bytes}"]))
            written = json.loads(text[text.index("{"):])["jobs"][0]["write"]["io_bytes"]
            peer.drain()
            after = count()
            self.amplification.append({
                "workload": workload.name, "title": workload.title, "peer": peer.name,
                "devices": {device: (after[device] - before[device]) / written for device in after}})

    def run(self):
        return {"machine": f"{os.cpu_count()} CPUs, Linux {platform.release()}", "rounds": self.rounds,
                "date": datetime.date.today().isoformat(), "seconds_each": self.seconds, "commit": commit(),
                "member_mib": self.sizes.member // MIB, "journal_mib": self.sizes.journal // MIB,
                "mount_options": setting("MOUNT_OPTIONS"), "results": self.results, "amplification": self.amplification}


class LoopArray:
    """An array of mdfuse on loop devices."""

    def __init__(self, directory, sizes, mode):
        self.directory, self.sizes, self.mode = pathlib.Path(directory) / f"loops-{mode}", sizes, mode
        self.loops, self.array = [], None

    def start(self):
        self.directory.mkdir()
        for i in range(peers.MEMBERS + (self.mode != "none")):
            image = peers.written_file(self.directory / f"{i}.img", self.sizes.member if i < peers.MEMBERS else self.sizes.journal)
            self.loops.append(peers.run("losetup", "--find", "--show", image).strip())
        self.array = peers.Mdfuse(self.mode, self.directory, self.sizes, self.mode, devices=self.loops)
        self.array.start()

    def written_bytes(self):
        os.sync()
        names = [f"disk{i}" for i in range(peers.MEMBERS)] + ["journal"]
        return {name: peers.loop_written(loop) for name, loop in zip(names, self.loops)}

    def stop(self):
        if self.array:
            self.array.stop()
        for loop in self.loops:
            peers.run("losetup", "-d", loop)


def usage():
    return USAGE.format(workloads=" ".join(workload.name for workload in WORKLOADS))


def commit():
    found = subprocess.run(["git", "-C", peers.ROOT, "describe", "--always", "--dirty"], text=True, capture_output=True)
    return found.stdout.strip()


def busy_seconds():
    """Processor time of all processes and of the kernel since the machine was started."""
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return (sum(fields[:8]) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def btrfs_works():
    return "btrfs" in pathlib.Path("/proc/filesystems").read_text()


def main():
    if len(sys.argv) > 1:
        raise SystemExit(usage())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    stopped = None
    out = pathlib.Path(setting("OUT", peers.ROOT / "dist/bench/latest"))
    out.parent.mkdir(parents=True, exist_ok=True)
    directory = tempfile.mkdtemp(prefix="mdfuse-bench.", dir=setting("DIRECTORY", "/tmp"))
    bench = None
    try:
        bench = Bench(directory)
        print(f"starting: {' '.join(peer.name for peer in bench.peers)}", flush=True)
        bench.start()
        bench.measure_all()
        if setting("AMPLIFICATION") != "no" and os.geteuid() == 0:
            for peer in [peer for peer in bench.started if isinstance(peer, peers.Btrfs)]:
                bench.started.remove(peer)
                peer.stop()
            bench.count_written()
    except (Exception, SystemExit, KeyboardInterrupt) as end:
        if not bench or not bench.results:
            raise
        stopped = end
        print(f"stopped ({type(end).__name__}); the report has what was measured before")
    finally:
        if bench:
            bench.stop()
        peers.remove_tree(directory)
    run = bench.run()
    out.with_suffix(".json").write_text(json.dumps(run, indent=1))
    text = report.markdown(run)
    out.with_suffix(".md").write_text(text + "\n")
    print(text)
    if shutil.which("gnuplot"):
        picture.draw(out.with_suffix(".svg"), run)
    print(f"\nwritten: {out}.json, .md and .svg")
    if stopped:
        raise stopped


if __name__ == "__main__":
    main()
