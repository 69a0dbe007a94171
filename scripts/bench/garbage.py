"""What Java's collector logs while a mount runs: how much was allocated, and each pause."""

import re

import peers

HEAP = re.compile(r"GC\((\d+)\) (?:DefNew|Tenured): (\d+)K\(\d+K\)->(\d+)K")
PAUSE = re.compile(r"GC\(\d+\) Pause .* ([\d.]+)ms")
USED = re.compile(r"^ ?(?:DefNew|Tenured) .* used (\d+)K", re.MULTILINE)


class Log:
    """The collector's log of one mount, from now on. It is switched on from outside, so no mount runs with other options."""

    def __init__(self, pid, path):
        self.pid, self.path = pid, path
        self.jcmd_program = peers.run(peers.ROOT / "scripts/jdk.sh").strip() + "/bin/jcmd"
        self.jcmd("VM.log", f"output={path}", "what=gc,gc+heap=info")
        self.used_at_first = self.used_now()

    def jcmd(self, *command):
        return peers.run(self.jcmd_program, self.pid, *command)

    def used_now(self):
        return 1024 * sum(map(int, USED.findall(self.jcmd("GC.heap_info"))))

    def allocated(self):
        """Bytes allocated on the heap so far: what the heap gained between collections."""
        used_now, log = self.used_now(), self.path.read_text()
        before, after = {}, {}
        for number, kib_before, kib_after in HEAP.findall(log):
            before[number] = before.get(number, 0) + 1024 * int(kib_before)
            after[number] = after.get(number, 0) + 1024 * int(kib_after)
        return sum(before.values()) + used_now - sum(after.values()) - self.used_at_first

    def pauses_ms(self):
        return [float(pause) for pause in PAUSE.findall(self.path.read_text())]

    def record_sites(self):
        self.jcmd("JFR.start", "name=sites", "settings=profile")

    def write_sites(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.jcmd("JFR.dump", "name=sites", f"filename={path}")
