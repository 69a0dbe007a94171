"""The real md driver as a peer: that of the host's kernel, if it has one, else the oracle's (User-Mode Linux)."""

import pathlib
import re
import subprocess

from peers import CHUNK_KIB, MEMBERS, ROOT, Peer, run, wait_for, written_file

ARRAYS = {"md-none": "/dev/md90", "md-wt": "/dev/md91", "md-wb": "/dev/md92"}


class Machine:
    """Runs scripts beside the md driver, one at a time. All arrays are in one machine."""

    def __init__(self, directory, sizes, names):
        self.directory = pathlib.Path(directory) / "md"
        self.sizes, self.names = sizes, names
        self.on_host = pathlib.Path("/proc/mdstat").exists()
        self.process, self.loops, self.number, self.nodes = None, [], 0, {}

    @staticmethod
    def available():
        kernel = run(ROOT / "scripts/oracle/kernel.sh").strip()
        return pathlib.Path("/proc/mdstat").exists() or pathlib.Path(kernel).exists()

    def start(self):
        self.directory.mkdir()
        images = []
        for name in self.names:
            count = MEMBERS + (name != "md-none")
            files = [written_file(self.directory / f"{name}-{i}.img", self.sizes.member if i < MEMBERS else self.sizes.journal)
                     for i in range(count)]
            self.nodes[name] = range(len(images) + 1, len(images) + 1 + count)
            images += files
        if self.on_host:
            self.loops = [run("losetup", "--find", "--show", image).strip() for image in images]
            command = ["bash", ROOT / "scripts/bench/md-commands.sh", self.directory, *self.loops]
        else:
            job = self.directory / "job"
            job.write_text(f'exec bash {ROOT}/scripts/bench/md-commands.sh {self.directory} "$@"\n')
            command = [ROOT / "scripts/oracle/run.sh", "-t", "3600", job, *images]
        log = open(self.directory / "log", "w")
        self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_for("the machine with md", (self.directory / "up").exists)

    def obey(self, script, seconds=120):
        base = self.directory / str(self.number)
        self.number += 1
        part = base.with_suffix(".new")
        part.write_text(script)
        part.rename(base.with_suffix(".cmd"))
        wait_for(f"md: {script}", base.with_suffix(".rc").exists, seconds)
        if base.with_suffix(".rc").read_text().strip() != "0":
            raise RuntimeError(f"md: {script}: {base.with_suffix('.err').read_text()}")
        return base.with_suffix(".out").read_text()

    def stop(self):
        if not self.process:
            return
        if self.on_host:
            for name in self.names:
                self.obey(f"mdadm --stop {ARRAYS[name]}")
            self.obey_nothing_more()
            for loop in self.loops:
                run("losetup", "-d", loop)
        else:
            # Its images are not needed again, and a guest that shuts down waits for md.
            self.process.terminate()
            self.process.wait()

    def obey_nothing_more(self):
        (self.directory / f"{self.number}.cmd").write_text("exit")
        self.process.wait()


class MdArray(Peer):
    redundant = True

    def __init__(self, name, directory, sizes, machine):
        super().__init__(name, directory, sizes)
        self.machine, self.write_back = machine, name == "md-wb"
        self.file = ARRAYS[name]

    def start(self):
        nodes = [f"${{{i}}}" for i in self.machine.nodes[self.name]]
        journal = f"--write-journal {nodes[MEMBERS]}" if len(nodes) > MEMBERS else ""
        self.machine.obey(f"echo y | mdadm --create {self.file} --level 5 --raid-devices {MEMBERS} --chunk {CHUNK_KIB}"
                          f" --assume-clean --run --force {journal} {' '.join(nodes[:MEMBERS])}")
        if self.write_back:
            self.drain()

    def fio(self, arguments):
        return self.machine.obey(f"fio --filename={self.file} {' '.join(map(str, arguments))}")

    def set_mode(self, mode):
        self.machine.obey(f"echo {mode} >/sys/block/{self.file[5:]}/md/journal_mode")

    def drain(self):
        if self.write_back:
            self.set_mode("write-through")
            self.set_mode("write-back")

    def degrade(self):
        if not self.degraded:
            node = self.machine.nodes[self.name][1]
            self.machine.obey(f"mdadm {self.file} --fail ${{{node}}}")
            self.degraded = True

    def written_bytes(self):
        nodes = [f"${{{i}}}" for i in self.machine.nodes[self.name]]
        stats = self.machine.obey("sync; for node in " + " ".join(nodes) + "; do cat /sys/block/${node#/dev/}/stat; done")
        counts = [512 * int(re.split(r"\s+", line.strip())[6]) for line in stats.splitlines()]
        return {f"disk{i}" if i < MEMBERS else "journal": count for i, count in enumerate(counts)}
