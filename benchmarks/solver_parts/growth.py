"""How the cost of one problem grows with codes, labels and batch: figures, and a plot without any package."""

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from families import batch

from interplay.solvers.accuracy import lowest_accuracy
from interplay.solvers.maxent import maximum_entropy, maximum_entropy_many
from interplay.solvers.union import union_information, union_information_many

Line = tuple[str, list[float], list[float]]  # name, abscissae, seconds
COLORS = {"union": "#0b6e99", "max-ent": "#b5482a", "accuracy": "#4f7a28"}
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 300, 250, 52, 34, 40


def seconds(solve: Callable[[], object]) -> float:
    """Median processor time of up to five calls."""
    took: list[float] = []
    while len(took) < 5 and sum(took) < 2.0:
        begin = time.process_time()
        solve()
        took.append(time.process_time() - begin)
    return float(np.median(took))


def singles(shapes: Sequence[tuple[int, int, int]], axis: Callable[[tuple[int, int, int]], float]) -> list[Line]:
    lines: list[Line] = [(name, [], []) for name in COLORS]
    for shape in shapes:
        p = batch("uniform", shape, 1, seed=41)[0]
        p12, p1, p2 = p.sum(axis=2), p.sum(axis=1), p.sum(axis=0)
        solve = (
            lambda p1=p1, p2=p2: union_information(p1, p2),
            lambda p12=p12, p1=p1, p2=p2: maximum_entropy(p12, p1, p2),
            lambda p12=p12, p1=p1, p2=p2: lowest_accuracy(p12, p1, p2),
        )
        for (_, x, y), call in zip(lines, solve, strict=True):
            x.append(axis(shape))
            y.append(seconds(call))
    return lines


def batches(counts: Sequence[int]) -> list[Line]:
    """Seconds per problem of 3x3x3 batches."""
    union: Line = ("union", [], [])
    maxent: Line = ("max-ent", [], [])
    for count in counts:
        p = batch("uniform", (3, 3, 3), count, seed=42)
        p12, p1, p2 = p.sum(axis=3), p.sum(axis=2), p.sum(axis=1)
        for line, call in (
            (union, lambda p1=p1, p2=p2: union_information_many(p1, p2)),
            (maxent, lambda p12=p12, p1=p1, p2=p2: maximum_entropy_many(p12, p1, p2)),
        ):
            line[1].append(count)
            line[2].append(seconds(call) / count)
    return [union, maxent]


def measure(*, quick: bool) -> list[tuple[str, str, list[Line]]]:
    sides = [3, 6, 12, 25, 50] if quick else [3, 6, 12, 25, 50, 100]
    return [
        ("two labels, n1 = n2", "codes n", singles([(n, n, 2) for n in sides], lambda s: s[0])),
        ("five labels, n1 = n2", "codes n", singles([(n, n, 5) for n in sides[:-1]], lambda s: s[0])),
        ("n1 = 10, five labels", "codes n2", singles([(10, n, 5) for n in sides[:-1]], lambda s: s[1])),
        ("n1 = n2 = 10", "labels K", singles([(10, 10, k) for k in (2, 3, 5, 10, 20)], lambda s: s[2])),
        ("batches of 3x3x3, per problem", "batch", batches([1, 10, 100, 1_000, 10_000])),
    ]


def report(path: Path | None, *, quick: bool) -> None:
    """Print the figures; write the plot if a path is given."""
    panels = measure(quick=quick)
    print("\n### How cost grows (seconds of processor time, uniform family)\n")
    print("| panel | solver | figures |\n| --- | --- | --- |")
    for title, axis, lines in panels:
        for name, x, y in lines:
            figures = ", ".join(f"{a:g}: {b:.2g}" for a, b in zip(x, y, strict=True))
            print(f"| {title} | {name} | {axis} {figures} |")
    if path:
        path.write_text(svg(panels), encoding="utf-8")
        print(f"\nPlot: {path}")


def svg(panels: list[tuple[str, str, list[Line]]]) -> str:
    """All panels in a row of two, double logarithmic."""
    rows = math.ceil(len(panels) / 2)
    width, height = 2 * (WIDTH + LEFT) + 30, rows * (HEIGHT + TOP + BOTTOM)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="11">',
        f'<title>Cost of one problem</title><rect width="{width}" height="{height}" fill="white"/>',
    ]
    for at, (title, axis, lines) in enumerate(panels):
        x0, y0 = (at % 2) * (WIDTH + LEFT + 15) + LEFT, (at // 2) * (HEIGHT + TOP + BOTTOM) + TOP
        parts.append(f'<g transform="translate({x0} {y0})">{panel(title, axis, lines)}</g>')
    return "\n".join([*parts, "</svg>", ""])


def panel(title: str, axis: str, lines: list[Line]) -> str:
    xs = [math.log10(v) for _, x, _ in lines for v in x]
    ys = [math.log10(v) for _, _, y in lines for v in y]
    x_low, x_high, y_low, y_high = min(xs), max(xs), math.floor(min(ys)), math.ceil(max(ys))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - x_low) / ((x_high - x_low) or 1.0)
        up = (math.log10(y) - y_low) / ((y_high - y_low) or 1.0)
        return round(across * (WIDTH - 75), 1), round(HEIGHT * (1 - up), 1)

    parts = [f'<text x="0" y="-12" font-weight="bold">{title}</text>']
    for power in range(y_low, y_high + 1):
        y = place(10**x_low, 10.0**power)[1]
        parts.append(f'<line x1="0" x2="{WIDTH - 75}" y1="{y}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="-6" y="{y + 4}" text-anchor="end">{label(power)}</text>')
    for x in sorted({v for _, values, _ in lines for v in values}):
        parts.append(f'<text x="{place(x, 1.0)[0]}" y="{HEIGHT + 15}" text-anchor="middle">{x:g}</text>')
    parts.append(f'<text x="{(WIDTH - 75) / 2}" y="{HEIGHT + 30}" text-anchor="middle">{axis}</text>')
    taken: list[float] = []
    for name, x, y in sorted(lines, key=lambda line: line[2][-1]):
        points = [place(a, b) for a, b in zip(x, y, strict=True)]
        path = " ".join(f"{a},{b}" for a, b in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{COLORS[name]}" stroke-width="2"/>')
        parts += [f'<circle cx="{a}" cy="{b}" r="2.5" fill="{COLORS[name]}"/>' for a, b in points]
        at = min([points[-1][1], *(t - 13 for t in taken)])
        taken.append(at)
        parts.append(f'<text x="{WIDTH - 68}" y="{at + 4}" fill="{COLORS[name]}">{name}</text>')
    return "".join(parts)


def label(power: int) -> str:
    return {-6: "1 µs", -5: "10 µs", -4: "0.1 ms", -3: "1 ms", -2: "10 ms", -1: "0.1 s", 0: "1 s", 1: "10 s"}.get(
        power, f"1e{power} s"
    )
