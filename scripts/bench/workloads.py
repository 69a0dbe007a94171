"""What is measured: the workloads and the targets, which are ratios within one run."""

import dataclasses

MIB = 1 << 20

# A byte written to a RAID-5 of four members with a write journal is written 2.67 times: to the journal with its parity
# (4/3), and to the members with its parity (4/3).
JOURNALED_WRITE = 8 / 3


@dataclasses.dataclass(frozen=True)
class Workload:
    """One way of reading or writing. burst_bytes: what a write-back cache takes for certain before it is full."""

    name: str
    title: str
    fio: tuple
    burst_bytes: int = 0
    degraded: bool = False

    @property
    def writes(self):
        return self.burst_bytes > 0


WORKLOADS = [
    Workload("seq-write", "seq write 1M", ("--rw=write", "--bs=1M"), 40 * MIB),
    Workload("seq-write-fsync", "seq write 128K, fsync every 8", ("--rw=write", "--bs=128K", "--fsync=8"), 40 * MIB),
    Workload("rand-write-fsync", "random write 4K QD1 fsync", ("--rw=randwrite", "--bs=4K", "--fsync=1"), 12 * MIB),
    Workload("rand-write-4k", "random write 4K QD16", ("--rw=randwrite", "--bs=4K", "--iodepth=16"), 12 * MIB),
    Workload("rand-write-64k", "random write 64K QD16", ("--rw=randwrite", "--bs=64K", "--iodepth=16"), 12 * MIB),
    Workload("seq-read", "seq read 1M", ("--rw=read", "--bs=1M")),
    Workload("rand-read-4k", "random read 4K QD16", ("--rw=randread", "--bs=4K", "--iodepth=16")),
    Workload("degraded-read", "degraded seq read 1M", ("--rw=read", "--bs=1M"), degraded=True),
]

# What each peer gets before the first measurement: all of its file is written once.
OVERWRITE = Workload("overwrite", "overwrite", ("--rw=write", "--bs=1M"))


@dataclasses.dataclass(frozen=True)
class Target:
    """The figure of a mode must be at least factor times that of another; "a|b": the lower one of two is enough."""

    workload: str
    mode: str
    factor: str
    state: str = "sustained"


def targets():
    """All targets. A factor is written as "NUMBER*PEER[:WORKLOAD][.burst]"; limit is plain / JOURNALED_WRITE."""
    rows = [
        ("seq-write", "wt", "3.5*md-wt 0.75*limit"),
        ("seq-write", "wb", "0.8*limit"),
        ("seq-write", "wb.burst", "0.5*plain"),
        ("seq-write-fsync", "wt", "3*md-wt"),
        ("seq-write-fsync", "wb", "2.5*md-wb"),
        ("rand-write-fsync", "wt", "1.5*md-wt"),
        ("rand-write-fsync", "wb", "2*md-wb 0.5*plain"),
        ("rand-write-4k", "wt", "4*md-wt 2*btrfs 5*base-wt"),
        ("rand-write-4k", "wb", "2*md-wb 1.5*btrfs"),
        ("rand-write-4k", "wb.burst", "5*md-wb.burst 0.5*plain"),
        ("rand-write-64k", "wt", "5*md-wt 1*btrfs"),
        ("rand-write-64k", "wb", "10*md-wb 2*btrfs"),
    ]
    for mode in ("wt", "wb"):
        rows += [
            ("seq-read", mode, f"0.9*md-{mode} 0.85*null|0.9*plain"),
            ("rand-read-4k", mode, f"6*md-{mode} 1*btrfs 0.85*null|0.9*plain"),
        ]
    rows.append(("degraded-read", "wt", "0.5*wt:seq-read 1.5*md-wt"))
    found = []
    for workload, mode, factors in rows:
        name, _, state = mode.partition(".")
        found += [Target(workload, name, factor, state or "sustained") for factor in factors.split()]
    return found
