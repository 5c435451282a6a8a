"""Labels that halve the interval and decide: python benchmarks/label.py [--splits 2] [--out FILE].

Each task gives labelled rows of two modalities, unlabelled pairs and their hidden labels. Labels are bought in rounds,
by a plan of `interplay.plan_labels` (one to narrow, one to decide) or at random, and all take the same update. One more
way has random labels and no identified set: the exact interval of an accuracy of 0.8. Printed, of the runs that are
open before the first label: median number of labels until the 95% interval (corrected for all rounds) is half as wide
as before, and until fusing is decided; a run that never gets there counts as more than all. A decision is wrong if the
gain that all pairs with their labels show (answers chosen on one half, judged on the other) is on the other side of
what it takes.
"""

import argparse
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import interplay as ip
import real_sets
from interplay.estimation.confidence import clopper_pearson
from jobs import run_jobs
from real_sets import Split, Task, load, split


def tasks() -> Iterator[Task]:
    """Binary questions on real sets, and synthetic sets with known interactions."""
    baseline = lambda c: np.where(c == "baseline", "baseline", "rest")  # noqa: E731
    happy = lambda c: np.where(c == "happy", "happy", "rest")  # noqa: E731
    even = lambda c: np.where(np.isin(c, ["0", "2", "4", "6", "8"]), "even", "odd")  # noqa: E731
    yield load("uci_mushroom", ("cap", "gill"))
    yield load("uci_mushroom", ("cap", "ecology"))
    yield load("wesad", ("ecg", "emg"), positive=baseline)
    yield load("crema_d_votes", ("voice", "face"), positive=happy)
    yield load("uci_mfeat_digits", ("fourier", "morphological"), positive=even)
    for kind in ("views", "xor", "copy"):
        yield synthetic(kind)


def synthetic(kind: str) -> Task:
    """Two views that complement each other, the sign of a product, or a copy: 2,400 rows."""
    rng = np.random.default_rng(["views", "xor", "copy"].index(kind))
    y = rng.integers(2, size=2400)
    sign = (2 * y - 1)[:, None]
    a = rng.normal(size=(2400, 2)) + 0.7 * sign * (kind != "xor")
    b = rng.normal(size=(2400, 2)) + 0.7 * sign
    if kind == "copy":
        b = a + 0.1 * rng.normal(size=(2400, 2))
    if kind == "xor":  # both signs are coins, their product is the label nine times out of ten
        b = np.abs(rng.normal(size=(2400, 2))) * np.sign(a) * np.where(rng.random((2400, 1)) < 0.9, sign, -sign)
    return Task(name=f"synthetic: {kind}", features={"a": a, "b": b}, labels=y, groups=None)


def one(at: int, seed: int, rounds: int, batch: int, rows_a_set: int, *, data: Path) -> dict:
    """Widths and decisions round by round, by the plan and at random."""
    warnings.simplefilter("ignore")
    real_sets.DATA = data
    task = _some(list(tasks())[at], 3 * rows_a_set, seed)
    s = split(task, seed, test_share=0.0)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    begin = partial(
        ip.plan_labels,
        labeled=s.labeled,
        pairs=s.pairs,
        classifiers=dict.fromkeys(s.labeled, model),
        codes="kmeans" if "xor" in task.name else "auto",
        budget=batch,
        looks=rounds,
        seed=seed,
        replicates=20,
        workers=1,
    )
    start, narrow = begin(goal="decide"), begin(goal="narrow")
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(s.pair_labels))
    deciding, narrowing, blind = [start], [narrow], [start]
    for r in range(rounds):
        for plans in (deciding, narrowing):
            if len(rows := plans[-1].rows):
                plans.append(plans[-1].update(rows, s.pair_labels[rows]))
        if len(rows := order[r * batch : (r + 1) * batch]):
            blind.append(blind[-1].update(rows, s.pair_labels[rows]))
    ways = {"plan": deciding, "random": blind}
    half = (start.accuracy.ci[1] - start.accuracy.ci[0]) / 2
    every = start.update(np.arange(len(s.pair_labels)), s.pair_labels)
    accuracy = min(max(every.accuracy.low, 0.0), 1.0)
    plain = _alone(s, order, half, rounds)
    return {
        "set": task.name,
        "seed": seed,
        "pairs": len(s.pair_labels),
        "before": 2 * half,
        "most": rounds * batch,
        "halved": {
            w: _first(p, lambda q: q.accuracy.ci[1] - q.accuracy.ci[0] <= half)
            for w, p in (("plan", narrowing), ("random", blind))
        }
        | {"labels alone": plain},
        "decided": {w: _first(p, lambda q: q.stop) for w, p in ways.items()},
        "decision": {w: next((q.decision for q in p if q.stop), "undecided") for w, p in ways.items()},
        "realised": _realised(narrowing),
        "gain": every.gain.low,
        "error": float(np.sqrt(accuracy * (1 - accuracy) / len(s.pair_labels))),
        "worth": start.worth,
    }


def _realised(plans: list) -> list[float]:
    """After each round of the plan, the interval's width over the width that the round's last point expected."""
    widths = [p.accuracy.ci[1] - p.accuracy.ci[0] for p in plans]
    return [w / p.curve[-1].expected for p, w in zip(plans, widths[1:], strict=False) if p.curve]


def _some(task: Task, rows: int, seed: int) -> Task:
    """At most so many rows, at random."""
    keep = np.random.default_rng([seed, 1]).permutation(len(task.labels))[:rows]
    features = {m: x[keep] for m, x in task.features.items()}
    groups = None if task.groups is None else task.groups[keep]
    return Task(name=task.name, features=features, labels=task.labels[keep], groups=groups)


def _first(plans: list, reached) -> int | None:
    """Labels with which it is reached first."""
    return next((len(p.labelled) for p in plans if reached(p)), None)


def _alone(s: Split, order: np.ndarray, half: float, rounds: int) -> int | None:
    """Random labels that an exact interval of an accuracy of 0.8 needs to be that narrow."""
    miss = 0.05 / rounds
    for n in range(5, len(order) + 1, 5):
        low, high = clopper_pearson(0.8, n, 1 - miss / 2)
        if high - low <= half:
            return n
    return None


def summary(rows: list[dict]) -> str:
    """Medians by set and in all, of the runs that no label is needed for apart."""
    every, at_once = rows, [r for r in rows if r["decided"]["plan"] == 0]
    rows = [r for r in rows if r["decided"]["plan"] != 0]
    lines = [
        "| set | runs | pairs | width before | halved: plan | random | labels alone | decided: plan | random "
        "| decisions of the plan |",
        "| --- " * 10 + "|",
    ]
    for name in [*dict.fromkeys(r["set"] for r in rows), "all"]:
        some = [r for r in rows if name in ("all", r["set"])]
        decisions = {d: sum(r["decision"]["plan"] == d for r in some) for d in ("fuse", "do not fuse", "undecided")}
        lines.append(
            f"| {name} | {len(some)} | {np.median([r['pairs'] for r in some]):.0f} "
            f"| {100 * np.median([r['before'] for r in some]):.1f} points "
            + "".join(f"| {_median(some, 'halved', w)} " for w in ("plan", "random", "labels alone"))
            + "".join(f"| {_median(some, 'decided', w)} " for w in ("plan", "random"))
            + f"| {', '.join(f'{n} {d}' for d, n in decisions.items() if n)} |"
        )
    ratios = [_ratio(r["decided"]) for r in rows if r["decided"]["plan"] or r["decided"]["random"]]
    lines.append(f"\ndecided before the first label: {len(at_once)} runs")
    for what, words in (("decided", "decide"), ("halved", "halve the interval")):
        ratios = [_ratio(r[what]) for r in rows if r[what]["plan"] or r[what]["random"]]
        middle = np.median(ratios or [np.nan])
        lines.append(f"labels to {words}, plan over random, where either does: median {middle:.2f} of {len(ratios)}")
    realised = [x for r in rows for x in r.get("realised", ())]
    if realised:
        low, mid, high = np.quantile(realised, (0.1, 0.5, 0.9))
        lines.append(f"width over expected width, {len(realised)} rounds: {mid:.2f} (80% in {low:.2f} to {high:.2f})")
    for way in ("plan", "random"):
        wrong = [_wrong_by(r, way) for r in every]
        decided = sum(r["decision"][way] != "undecided" for r in every)
        lines.append(
            f"{way}: {decided} of {len(every)} decided, {sum(w > 0 for w in wrong)} of them wrongly by all labels, "
            f"{sum(w > 1.645 for w in wrong)} by more than 1.645 standard errors"
        )
    return "\n".join(lines)


def _wrong_by(row: dict, way: str) -> float:
    """Standard errors by which the gain with all labels is on the other side of the decision; 0 if it is not."""
    side = {"fuse": -1, "do not fuse": 1, "undecided": 0}[row["decision"][way]]
    return max(side * (row["gain"] - row["worth"]) / max(row["error"], 1e-9), 0.0)


def _ratio(labels: dict[str, int | None]) -> float:
    """Labels by the plan over labels at random; 0 or infinite where only one of them gets there."""
    plan, random = (np.inf if labels[w] is None else labels[w] for w in ("plan", "random"))
    return 0.0 if random == np.inf else plan / random


def _median(rows: list[dict], what: str, way: str) -> str:
    values = [np.inf if r[what][way] is None else r[what][way] for r in rows]
    middle = float(np.median(values))
    return f"{middle:.0f}" if np.isfinite(middle) else f"> {rows[0]['most']}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--splits", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--rows", type=int, default=400, help="rows a set: labels of each modality, pairs")
    parser.add_argument("--batch", type=int, default=20, help="labels a round")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--data", type=Path, default=real_sets.DATA)
    parser.add_argument("--out", type=Path, default=Path("label.json"), help="runs that it holds are not run again")
    args = parser.parse_args()
    real_sets.DATA = args.data
    count = len(list(tasks()))
    jobs = [(at, s, args.rounds, args.batch, args.rows) for s in range(args.splits) for at in range(count)]
    done = run_jobs(jobs, partial(one, data=args.data), workers=args.workers, out=args.out)
    print(summary([done[str(job)] for job in jobs]))


if __name__ == "__main__":
    main()
