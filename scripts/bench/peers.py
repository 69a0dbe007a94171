"""The file systems and arrays that are measured side by side. Each peer gives one file to read and write."""

import os
import pathlib
import shutil
import subprocess
import time

from workloads import MIB

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEMBERS = 4
CHUNK_KIB = 64


class Sizes:
    """The number of members, and bytes: of a member, of a journal, and of the part of each file that is read and written."""

    def __init__(self, member_mib, journal_mib, members=MEMBERS, area_mib=None):
        self.member, self.journal, self.members = member_mib * MIB, journal_mib * MIB, members
        self.area = (area_mib or member_mib * 2) * MIB


def run(*command, **options):
    """Runs a command whose output matters only if the command fails."""
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def written_file(path, size_bytes):
    """Makes a file all of whose blocks exist, so that no figure includes their allocation."""
    with open(path, "wb") as file:
        for _ in range(size_bytes // MIB):
            file.write(bytes(MIB))
    return path


def wait_for(what, condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not there after {seconds} s")
        time.sleep(0.02)


class Peer:
    """A peer is started once, is measured in every round, and is stopped at the end."""

    write_back = False
    redundant = False

    def __init__(self, name, directory, sizes):
        self.name, self.sizes = name, sizes
        self.directory = pathlib.Path(directory) / name.replace("/", "-")
        self.file = None
        self.degraded = False

    def start(self):
        raise NotImplementedError

    def stop(self):
        pass

    def fio(self, arguments):
        """The JSON that fio prints for these arguments and this peer's file."""
        return run("fio", f"--filename={self.file}", *arguments)

    def drain(self):
        """Has a write-back cache written out completely."""

    def degrade(self):
        """Takes one member away."""

    def cpu_seconds(self):
        """Processor time of the server so far, or None if the kernel is the server."""

    def written_bytes(self):
        """For each device the bytes written to it so far, or an empty dict if nothing counts them."""
        return {}


class Plain(Peer):
    def start(self):
        self.directory.mkdir()
        self.file = written_file(self.directory / "plain", self.sizes.area)


class Served(Peer):
    """A file that a process serves through FUSE."""

    pid = None
    mount_point = None

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def find_file(self):
        self.file = next(path for path in self.mount_point.iterdir() if path.is_file())

    def warm_up(self):
        """Java compiles what runs often: the first second says nothing about the next hour."""
        for rw, block, seconds in ("randrw", "4K", 3), ("rw", "1M", 1):
            self.fio(["--name=warm", f"--size={self.sizes.area}", f"--rw={rw}", f"--bs={block}", "--iodepth=16",
                      "--ioengine=libaio", "--direct=1", "--time_based", f"--runtime={seconds}"])


class NoStorage(Served):
    """The front end alone: writes are discarded, reads give zeros."""

    def __init__(self, name, directory, sizes, frontend):
        super().__init__(name, directory, sizes)
        self.frontend, self.server = frontend, None

    def start(self):
        self.mount_point = self.directory / "mnt"
        self.mount_point.mkdir(parents=True)
        log = open(self.directory / "log", "w+")
        java = ROOT / "dist/mdfuse/runtime/bin/java"
        environment = os.environ | ({"MDFUSE_FRONTEND": self.frontend} if self.frontend else {})
        self.server = subprocess.Popen(
            [java, "-XX:+UseSerialGC", "-Xmx256m", "--enable-native-access=ALL-UNNAMED",
             f"-Djffi.boot.library.path={ROOT}/dist/mdfuse/lib",
             "--sun-misc-unsafe-memory-access=allow", "-cp", f"{ROOT}/benchmarks/target/test-classes:{ROOT}/dist/mdfuse/lib/*",
             "io.mdfuse.bench.NullMount", str(self.sizes.area), self.mount_point], stdout=log, stderr=log, env=environment)
        self.pid = self.server.pid
        wait_for("a mount without storage", lambda: "ready" in self.log_of_live_server(log.name))
        self.find_file()
        self.warm_up()

    def log_of_live_server(self, log):
        text = pathlib.Path(log).read_text()
        if self.server.poll() is not None:
            raise RuntimeError(f"a mount without storage: its server ended at once: {text[:400]}")
        return text

    def stop(self):
        if self.server:
            self.server.terminate()
            self.server.wait()


class Mdfuse(Served):
    """A RAID-5 of mdfuse: mode none (no journal), wt or wb. devices: loop devices to be used instead of new files."""

    def __init__(self, name, directory, sizes, mode, program=None, frontend=None, devices=None, options=()):
        super().__init__(name, directory, sizes)
        self.mode, self.frontend, self.devices, self.options = mode, frontend, devices, options
        self.program = program or ROOT / "dist/mdfuse/bin/mdfuse"
        self.write_back = mode == "wb"
        self.redundant = True

    def start(self):
        self.mount_point = self.directory / "mnt"
        self.mount_point.mkdir(parents=True)
        if self.devices is None:
            self.devices = [written_file(self.directory / f"disk{i}.img", self.sizes.member) for i in range(self.sizes.members)]
            if self.mode != "none":
                self.devices.append(written_file(self.directory / "journal.img", self.sizes.journal))
        members, journal = self.devices[:self.sizes.members], self.devices[self.sizes.members:]
        run(self.program, "create", "--force", "--assume-clean", "--level", "5", "--raid-devices", self.sizes.members,
            "--chunk", f"{CHUNK_KIB}K", *(["--write-journal", *journal] if journal else []), *members)
        mode = ["--journal-mode", "write-back"] if self.write_back else []
        frontend = ["-o", f"frontend={self.frontend}"] if self.frontend else []
        extra = os.environ.get("MOUNT_OPTIONS", "").split()
        run(self.program, "mount", *mode, *frontend, *self.options, *extra, *self.devices, self.mount_point)
        self.find_file()
        self.pid = int(os.getxattr(self.file, "user.mdfuse.pid"))
        self.warm_up()
        self.drain()

    def drain(self):
        if self.write_back:
            for mode in b"write-through", b"write-back":
                os.setxattr(self.file, "user.md.journal_mode", mode)

    def degrade(self):
        if not self.degraded:
            run(self.program, "fail", self.mount_point, self.devices[1])
            self.degraded = True

    def stop(self):
        if self.file:
            run(self.program, "umount", self.mount_point)


class Btrfs(Peer):
    """btrfs with its own RAID-5 over loop devices; needs root."""

    def __init__(self, name, directory, sizes):
        super().__init__(name, directory, sizes)
        self.loops, self.mount_point = [], None

    def start(self):
        self.mount_point = self.directory / "mnt"
        self.mount_point.mkdir(parents=True)
        # Copy on write needs free space beside the file.
        for i in range(MEMBERS):
            image = written_file(self.directory / f"disk{i}.img", 2 * self.sizes.member)
            self.loops.append(run("losetup", "--find", "--show", image).strip())
        run("mkfs.btrfs", "-q", "-f", "-d", "raid5", "-m", "raid1", *self.loops)
        run("mount", "-t", "btrfs", self.loops[0], self.mount_point)
        self.file = written_file(self.mount_point / "file", self.sizes.area)
        os.sync()

    def stop(self):
        if self.file:
            run("umount", self.mount_point)
        for loop in self.loops:
            run("losetup", "-d", loop)

    def written_bytes(self):
        return {f"disk{i}": loop_written(loop) for i, loop in enumerate(self.loops)}


def loop_written(device):
    return 512 * int(pathlib.Path(f"/sys/block/{pathlib.Path(device).name}/stat").read_text().split()[6])


def remove_tree(directory):
    shutil.rmtree(directory, ignore_errors=True)
