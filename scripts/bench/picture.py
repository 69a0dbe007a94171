"""Draws a run as bars, a chart for each workload, by gnuplot.

Usage: picture.py OUT.svg FILE.json...
"""

import subprocess
import sys

from report import Figures, base_name, merged

COLUMNS = 2
COLOURS = {"plain": "#999999", "null": "#cccccc", "btrfs": "#e6a23c", "md": "#c0504d", "base": "#9bbbd9", "mdfuse": "#1f6fb4"}


def colour(peer):
    name = base_name(peer)
    family = name.partition("-")[0]
    return COLOURS.get(family, COLOURS["mdfuse"])


def chart(figures, workload):
    """The gnuplot commands of one workload's chart."""
    bars = []
    for peer in figures.peers:
        for state in "burst", "sustained":
            value = figures.of(workload.name, peer, state)
            if value is not None:
                bars.append((peer + (" burst" if state == "burst" else ""), value, colour(peer)))
    lines = [f'set title "{workload.title} (MiB/s)"', f"set xrange [-0.6:{len(bars) - 0.4}]", "set yrange [0:*]",
             "set xtics (" + ", ".join(f'"{name}" {i}' for i, (name, _, _) in enumerate(bars)) + ")"]
    data = "".join(f"{i} {value:.2f} {int(shade[1:], 16)}\n" for i, (_, value, shade) in enumerate(bars))
    lines.append("plot '-' using 1:2:3 with boxes linecolor rgb variable notitle, '' using 1:2:(sprintf($2 < 100 ? \"%.1f\" : \"%.0f\", $2)) "
                 "with labels offset 0,0.6 notitle")
    return "\n".join(lines) + "\n" + data + "e\n" + data + "e\n"


def draw(out, run):
    figures = Figures(run)
    rows = -(-len(figures.workloads) // COLUMNS)
    script = (f"set terminal svg size 1100,{260 * rows} font 'sans-serif,11' background rgb 'white'\nset output '{out}'\n"
              "set style fill solid\nset boxwidth 0.8\nset xtics rotate by -35 scale 0\nset grid ytics\nset border 3\n"
              "set offsets 0,0,graph 0.12,0\n"
              f"set multiplot layout {rows},{COLUMNS}\n")
    script += "".join(chart(figures, workload) for workload in figures.workloads) + "unset multiplot\n"
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


if __name__ == "__main__":
    draw(sys.argv[1], merged(sys.argv[2:]))
