#!/usr/bin/env python3
"""Draws a screen with ANSI colours, as tmux capture-pane -e prints it, as SVG on standard output.

Usage: ansi-to-svg.py COLUMNS <SCREEN
"""
import html
import re
import sys

COLUMN, LINE, SIZE, MARGIN = 8.4, 19, 14, 14
COLOURS = {31: "#ff7b72", 32: "#57c87a", 33: "#e0a04a", 34: "#6cb6ff", 36: "#56c8d8"}
TEXT, FAINT, GROUND = "#d7dee6", "#8593a3", "#12161c"


def runs(line):
    """The pieces of a line that have one style: column, text, colour, bold."""
    colour, bold, column = TEXT, False, 0
    for codes, text in re.findall(r"(?:\x1b\[([0-9;]*)m)|([^\x1b]+)", line):
        if text:
            yield column, text, colour, bold
            column += len(text)
            continue
        for code in (int(each or 0) for each in codes.split(";")):
            if code == 0:
                colour, bold = TEXT, False
            elif code == 1:
                bold = True
            elif code == 2:
                colour = FAINT
            elif code == 39:
                colour = TEXT
            elif code == 22:
                colour, bold = TEXT, False
            elif code in COLOURS:
                colour = COLOURS[code]


lines = [each.rstrip("\n") for each in sys.stdin]
while lines and not lines[-1].strip():
    lines.pop()
width = int(sys.argv[1]) * COLUMN + 2 * MARGIN
height = len(lines) * LINE + 2 * MARGIN
print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}">')
print(f'<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>')
print(f'<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{SIZE}">')
for number, line in enumerate(lines):
    y = MARGIN + number * LINE + SIZE
    for column, text, colour, bold in runs(line):
        weight = ' font-weight="bold"' if bold else ""
        for word in re.finditer(r"\S+(?: \S+)*", text):
            shown, x = word.group(), MARGIN + (column + word.start()) * COLUMN
            # The length keeps columns in place whatever font there is.
            print(f'<text x="{x:.1f}" y="{y}" fill="{colour}" textLength="{len(shown) * COLUMN:.1f}"{weight}>'
                  f"{html.escape(shown)}</text>")
print("</g>\n</svg>")
