"""Time against size as a drawing: python -m benchmarks.plot out/peers.json docs/speed.svg."""

from __future__ import annotations

import json
import math
from pathlib import Path

import click

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 760, 420, 70, 50, 20, 210
LINES = {
    "flow": ("heatnet, flow", "#1f4e79", ""),
    "heat": ("heatnet, flow, heat and rooms", "#1f4e79", "6 4"),
    "epanet": ("EPANET, flow", "#b35900", ""),
    "pandapipes": ("pandapipes, flow", "#4d4d4d", ""),
    "pandapipes_heat": ("pandapipes, flow and heat", "#4d4d4d", "6 4"),
}


@click.command()
@click.argument("source", type=click.Path(exists=True))
@click.argument("target", type=click.Path())
def main(source: str, target: str) -> None:
    """Draw the figures of benchmarks.peers."""
    figures = json.loads(Path(source).read_text())
    rows, large = list(figures["single"]), figures.get("million")
    if large:
        alone = {"links": large["links"], "flow": 1e3 * large["solve"], "heat": 1e3 * large["with heat and rooms"]}
        rows.append(dict.fromkeys(LINES, math.nan) | alone)
    Path(target).write_text(drawing(rows), "utf-8")


def drawing(rows: list[dict[str, float]]) -> str:
    """An SVG with logarithmic axes."""
    values = [row[key] for row in rows for key in LINES if row[key] == row[key]]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    first, last = math.log10(min(row["links"] for row in rows)) - 0.1, math.log10(max(row["links"] for row in rows)) + 0.1

    def x(links: float) -> float:
        return LEFT + (math.log10(links) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(time: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(time) - low) / (high - low) * (HEIGHT - BOTTOM - TOP)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for power in range(low, high + 1):
        at = y(10.0**power)
        parts.append(f'<line x1="{LEFT}" y1="{at:.1f}" x2="{WIDTH - RIGHT}" y2="{at:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g} ms</text>')
    for row in rows:
        at = x(row["links"])
        parts.append(f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{int(row["links"]):,}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">links of one network, cold start</text>')
    ends = []
    for key, (name, colour, dash) in LINES.items():
        points = [(x(row["links"]), y(row[key])) for row in rows if row[key] == row[key]]
        if not points:
            continue
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points]
        ends.append((points[-1][1], points[-1][0], name, colour))
    below = -99.0
    for height, at, name, colour in sorted(ends):
        below = max(height, below + 15)
        parts.append(f'<text x="{at + 10:.1f}" y="{below + 4:.1f}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>\n"])


if __name__ == "__main__":
    main()
