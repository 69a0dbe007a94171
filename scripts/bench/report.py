"""Turns measurements into medians, tables in Markdown, and the list of targets that were reached.

Usage: report.py FILE.json...           prints the report of one run, or of several runs of different workloads
       report.py --repeated FILE.json...    compares several runs of the same workloads: each target's ratio in each run
"""

import json
import statistics
import sys

from workloads import JOURNALED_WRITE, WORKLOADS, targets

PEER_ORDER = ["plain", "null", "btrfs", "md-none", "md-wt", "md-wb", "base-none", "base-wt", "base-wb", "none", "wt", "wb"]


def base_name(peer):
    return peer.partition("/")[0]


class Figures:
    """The medians of a run: workload, peer and state ("sustained" or "burst") lead to the figures."""

    def __init__(self, run):
        groups = {}
        for result in run["results"]:
            groups.setdefault((result["workload"], result["peer"], result["state"]), []).append(result)
        self.medians = {
            key: {field: statistics.median(values) if (values := [r[field] for r in results if r.get(field) is not None]) else None
                  for field in ("mib_s", "iops", "p999_us", "cpu_s_per_gib", "server_cpu_s_per_gib")}
            for key, results in groups.items()}
        self.spread = {key: (min(r["mib_s"] for r in results), max(r["mib_s"] for r in results))
                       for key, results in groups.items()}
        names = {key[1] for key in groups}
        self.peers = sorted(names, key=lambda name: (PEER_ORDER.index(base_name(name)), name))
        self.workloads = [w for w in WORKLOADS if any(key[0] == w.name for key in groups)]

    def of(self, workload, peer, state="sustained", field="mib_s"):
        found = self.medians.get((workload, peer, state))
        return found[field] if found else None

    def reference(self, text, workload, peer):
        """The figure that a target names, such as "limit" or "wt:seq-read", for the front end of this peer."""
        name, _, other = text.partition(":")
        name, _, state = name.partition(".")
        workload = other or workload
        if name == "limit":
            plain = self.of(workload, "plain")
            return plain / JOURNALED_WRITE if plain else None
        variant = "/".join([name, *peer.split("/")[1:]])
        return self.of(workload, variant, state or "sustained") or self.of(workload, name, state or "sustained")


def verdicts(figures):
    """For each target that can be judged: its row, what was reached, and whether that is enough."""
    for target in targets():
        for peer in (name for name in figures.peers if base_name(name) == target.mode):
            figure = figures.of(target.workload, peer, target.state)
            choices = [choice.split("*") for choice in target.factor.split("|")]
            known = [(float(factor), reference, value) for factor, reference in choices
                     if (value := figures.reference(reference, target.workload, peer))]
            if figure and known:
                factor, reference, value = min(known, key=lambda choice: choice[0] * choice[2])
                yield target, peer, reference, factor, figure / value


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|---" + "|---:" * (len(header) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def number(value):
    return "–" if value is None else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def by_workload(figures, field, text):
    rows = []
    for workload in figures.workloads:
        for state, suffix in ("burst", ", until the journal is full"), ("sustained", ""):
            values = [figures.of(workload.name, peer, state, field) for peer in figures.peers]
            if any(value is not None for value in values):
                rows.append([workload.title + suffix, *map(text, values)])
    return table(["workload", *figures.peers], rows)


def ratios(figures):
    """What each array of mdfuse reaches of its peers."""
    rows = []
    for workload in figures.workloads:
        for peer in figures.peers:
            mode = base_name(peer)
            if mode not in ("none", "wt", "wb"):
                continue
            for state in "burst", "sustained":
                figure = figures.of(workload.name, peer, state)
                if figure is None:
                    continue
                others = [figures.of(workload.name, f"md-{mode}", state), figures.reference("plain", workload.name, peer),
                          figures.reference("null", workload.name, peer), figures.of(workload.name, "btrfs"),
                          figures.of(workload.name, f"base-{mode}", state)]
                rows.append([workload.title, f"{peer}{' burst' if state == 'burst' else ''}",
                             *(f"{figure / other:.2f}" if other else "–" for other in others)])
    return table(["workload", "mode", "÷ md", "÷ plain", "÷ null", "÷ btrfs", "÷ base"], rows)


def amplification(run):
    rows = []
    for entry in run.get("amplification", []):
        members = [entry["devices"][name] for name in sorted(entry["devices"]) if name.startswith("disk")]
        journal = entry["devices"].get("journal", 0)
        rows.append([entry["title"], entry["peer"], *(f"{value:.2f}" for value in members), f"{journal:.2f}",
                     f"{sum(members) + journal:.2f}"])
    return rows


def markdown(run):
    figures = Figures(run)
    parts = [f"{run['machine']}; {run['rounds']} rounds, {run['seconds_each']} s each; medians in MiB/s",
             by_workload(figures, "mib_s", number), "Ratios within this run:", ratios(figures)]
    judged = [[target.workload, peer + (" burst" if target.state == "burst" else ""), f"≥ {factor:g} × {reference}",
               f"{ratio:.2f}", "reached" if ratio >= factor else "not reached"]
              for target, peer, reference, factor, ratio in verdicts(figures)]
    if judged:
        parts += ["Targets:", table(["workload", "mode", "target", "ratio", "verdict"], judged)]
    parts += ["p99.9 of a request in microseconds:", by_workload(figures, "p999_us", number),
              "Processor seconds of the whole machine for each GiB moved:", by_workload(figures, "cpu_s_per_gib", number),
              "Processor seconds of the server alone for each GiB moved:", by_workload(figures, "server_cpu_s_per_gib", number)]
    rows = amplification(run)
    if rows:
        disks = [f"disk{i}" for i in range(len(rows[0]) - 4)]
        parts += ["Bytes that reach each device for each byte written:", table(["workload", "mode", *disks, "journal", "all"], rows)]
    return "\n\n".join(parts)


def merged(files):
    """One run of the results of several, each of which measured other workloads."""
    runs = [json.load(open(file)) for file in files]
    run = runs[0]
    for other in runs[1:]:
        run["results"] += other["results"]
        run.setdefault("amplification", []).extend(other.get("amplification", []))
    return run


def repeated(files):
    """Each target's ratio in each run, their median, and whether that is enough."""
    runs = [{(target, peer): (reference, factor, ratio) for target, peer, reference, factor, ratio in verdicts(Figures(json.load(open(file))))}
            for file in files]
    rows = []
    for (target, peer), (reference, factor, _) in runs[0].items():
        ratios_found = [run[target, peer][2] for run in runs if (target, peer) in run]
        middle = statistics.median(ratios_found)
        rows.append([target.workload, peer + (" burst" if target.state == "burst" else ""), f"≥ {factor:g} × {reference}",
                     *(f"{ratio:.2f}" for ratio in ratios_found), f"{middle:.2f}", "reached" if middle >= factor else "not reached"])
    return table(["workload", "mode", "target", *(f"run {number + 1}" for number in range(len(files))), "median", "verdict"], rows)


if __name__ == "__main__":
    print(repeated(sys.argv[2:]) if sys.argv[1:2] == ["--repeated"] else markdown(merged(sys.argv[1:])))
