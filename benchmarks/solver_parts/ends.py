"""The four ends of synergy and accuracy: how near to sharp, how long, and what stays open after the time is up.

Limits of the largest information are processor time too, so that a busy machine does not shorten the search;
those of the highest accuracy are the MILP solver's own, which counts the time of the wall.
"""

import time
from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
from families import batch

from interplay.information import mutual_information
from interplay.solvers import clock
from interplay.solvers.accuracy import lowest_accuracy
from interplay.solvers.accuracy_max import highest_accuracy
from interplay.solvers.coupling import coupling_upper_bound
from interplay.solvers.identified_set import segment_ends
from interplay.solvers.synergy_max import largest_information

FAMILIES = ("uniform", "sparse", "empirical", "gate")
WIDER = ((6, 6, 2), (8, 8, 2), (10, 10, 2), (4, 4, 3), (5, 5, 3), (5, 5, 5), (10, 10, 3))  # with ten seconds
Shape = tuple[int, int, int]

clock.time = SimpleNamespace(monotonic=time.process_time)  # the only clock of every search


def tables(p: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return p.sum(axis=2), p.sum(axis=1), p.sum(axis=0)


def words(shape: Shape) -> str:
    return "x".join(map(str, shape))


def timed(solve, *arguments, **options):
    """Processor seconds and the answer."""
    begin = time.process_time()
    found = solve(*arguments, **options)
    return time.process_time() - begin, found


def verdict(text: str, met: bool) -> str:
    return f"{text}: {'met' if met else 'MISSED'}"


def synergy(*, quick: bool) -> list[str]:
    """Largest information: exact small sizes, then what is open after the time limit."""
    print("\n### Largest information (upper end of synergy)\n")
    print("| size | family | tables | limit | seconds: median, worst | bound - attained: mean, worst | exact |")
    print("|" + " --- |" * 7)
    goals = []
    plan: list[tuple[Shape, int, float]] = [
        ((3, 3, 2), 20, 5.0),
        ((4, 4, 2), 20, 5.0),
        ((3, 3, 3), 20, 5.0),
        ((5, 5, 2), 4 if quick else 10, 3.0),
        *([] if quick else [((5, 5, 2), 5, 10.0)]),
        *([] if quick else [(shape, 2, 10.0) for shape in WIDER]),
    ]
    allowed = {(3, 3, 2): 0.05, (4, 4, 2): 0.1, (3, 3, 3): 0.2}
    for shape, count, limit in plan:
        gaps, seconds = [], []
        for family in FAMILIES:
            took = [
                timed(largest_information, *tables(p), time_limit=limit) for p in batch(family, shape, count, seed=21)
            ]
            gap = [found.bound - found.attained for _, found in took]
            gaps += gap
            seconds += [s for s, _ in took]
            own = [s for s, _ in took]
            print(
                f"| {words(shape)} | {family} | {count} | {limit:g} s | {np.median(own):.3g}, {max(own):.3g} "
                f"| {np.mean(gap):.1e}, {max(gap):.1e} | {sum(found.exact for _, found in took)}/{count} |",
                flush=True,
            )
        if shape in allowed:
            figures = f"median {np.median(seconds) * 1e3:.3g} ms, gap {max(gaps):.0e}"
            text = f"Largest information, {words(shape)}: {figures}; goal"
            met = max(gaps) <= 1e-9 and float(np.median(seconds)) <= allowed[shape]
            goals.append(verdict(f"{text} {allowed[shape] * 1e3:.0f} ms and 1e-9", met))
        elif shape == (5, 5, 2):
            goal, figure = (0.01, max(gaps)) if limit == 3 else (0.001, float(np.mean(gaps)))
            what = "worst" if limit == 3 else "mean"
            goals.append(
                verdict(
                    f"Largest information, 5x5x2 in {limit:g} s: {what} gap {figure:.1e}, goal {goal}", figure <= goal
                )
            )
    return [*goals, _closed_form(), _below_coupling(200 if quick else 1000)]


def _closed_form() -> str:
    """2x2x2: the larger of the two ends of the segment, found here on a fine grid and at the ends."""
    worst = 0.0
    for p in np.concatenate([batch(family, (2, 2, 2), 100, seed=22) for family in FAMILIES]):
        ends = segment_ends(*tables(p))
        inner = [(1 - t) * ends[0] + t * ends[1] for t in np.linspace(0, 1, 21)]
        best = max(float(mutual_information(r)) for r in inner)
        worst = max(worst, abs(largest_information(*tables(p)).bound - best))
    return verdict(
        f"Largest information, 2x2x2: worst difference from the segment {worst:.0e}, goal 1e-12", worst <= 1e-12
    )


def _below_coupling(count: int) -> str:
    below = [
        coupling_upper_bound(*tables(p)) - largest_information(*tables(p)).bound
        for p in batch("uniform", (3, 3, 2), count, seed=23)
    ]
    text = f"Largest information, {count} uniform 3x3x2: {np.mean(below):.3f} bits below the coupling bound, goal 0.35"
    return verdict(text, float(np.mean(below)) >= 0.35)


def accuracy(*, quick: bool) -> list[str]:
    return _lowest(quick=quick) + _highest(quick=quick)


def _lowest(*, quick: bool) -> list[str]:
    print(
        "\n### Lowest accuracy (what is guaranteed)\n\n| size | family | seconds: median | worst gap |\n|"
        + " --- |" * 4
    )
    goals = []
    plan: dict[Shape, float | None] = {(20, 20, 2): 0.01, (20, 20, 10): 0.3, (50, 50, 5): 1.0, (100, 100, 10): None}
    for shape, goal in plan.items():
        if quick and shape == (100, 100, 10):
            continue
        for family in FAMILIES:
            count = 10 if shape == (20, 20, 2) else 3 if shape[0] < 100 else 1
            took = [timed(lowest_accuracy, *tables(p)) for p in batch(family, shape, count, seed=24)]
            seconds, gap = float(np.median([s for s, _ in took])), max(found.certificate.gap for _, found in took)
            print(f"| {words(shape)} | {family} | {seconds:.3g} | {gap:.0e} |", flush=True)
            if goal:
                allowed = 1e-9 if family == "uniform" else 1e-7
                figures = f"{seconds:.3g} s, gap {gap:.0e}; goal {goal} s and {allowed:.0e}"
                text = f"Lowest accuracy, {words(shape)} {family}: {figures}"
                goals.append(verdict(text, seconds <= goal and gap <= allowed))
    return goals


def _highest(*, quick: bool) -> list[str]:
    print("\n### Highest accuracy\n\n| size | family | limit | seconds: median | worst gap |\n|" + " --- |" * 5)
    goals = []
    plan: Sequence[tuple[Shape, float, dict[str, float]]] = [
        ((5, 5, 2), 1.0, dict.fromkeys(FAMILIES, 1e-4)),
        ((5, 5, 5), 10.0, {**dict.fromkeys(FAMILIES, 1e-3), "uniform": 0.05}),
        ((5, 5, 5), 30.0, {**dict.fromkeys(FAMILIES, 1e-3), "uniform": 0.05}),
        ((10, 10, 2), 10.0, dict.fromkeys(FAMILIES, 0.01)),
        ((20, 20, 2), 10.0, dict.fromkeys(FAMILIES, 0.01)),
    ]
    for shape, limit, goal in plan[:2] if quick else plan:
        for family in FAMILIES:
            count = 5 if shape[0] == 5 else 2
            problems = batch(family, shape, count, seed=25)
            took = [timed(highest_accuracy, *tables(p), time_limit=limit) for p in problems]
            seconds, gap = (
                float(np.median([s for s, _ in took])),
                max(found.bound - found.attained for _, found in took),
            )
            print(f"| {words(shape)} | {family} | {limit:g} s | {seconds:.3g} | {gap:.1e} |", flush=True)
            text = f"Highest accuracy, {words(shape)} {family} in {limit:g} s: gap {gap:.1e}, goal {goal[family]}"
            goals.append(verdict(text, gap <= goal[family]))
    return goals
