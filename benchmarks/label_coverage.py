"""Whether limits with labelled pairs hold in every round: python benchmarks/label_coverage.py [--runs 40] [--out FILE].

Known joints of two modalities' codes, so every truth is known: 3x3 codes of 2 labels (near copies, complementary views,
exclusive or, one modality that tells, and random joints). Each run draws three samples and buys the labels of pairs in
rounds, by the plan or at random; limits are corrected for the rounds, so they should hold in all of them together in 95
of 100 runs. Counted: runs in which a limit was on the wrong side of the truth in any round (two-sided 95% intervals of
the best classifier's accuracy, of its gain and of the synergy), decisions, and wrong ones.
"""

import argparse
from pathlib import Path

import numpy as np

import interplay as ip
from interplay.advice.labeling import LabelPlan, first_plan
from interplay.advice.narrowing import desk_of
from interplay.estimation.counts import CodedSet
from interplay.estimation.many import ManyCounts
from jobs import run_jobs

KINDS = ("copy", "views", "xor", "one", "random")
ROUNDS, BATCH, WORTH = 8, 20, {"accuracy": 0.02, "synergy": 0.02}
EARLY = 2  # rounds after which widths are compared: later ones are those of runs that are hard to decide


def joint_of(kind: str, rng: np.random.Generator, codes: int = 3) -> np.ndarray:
    """r(x1, x2, y), (n,n,2)."""
    tells = np.linspace(0.15, 0.85, codes)
    if kind == "random":
        return rng.dirichlet(np.full(codes * codes * 2, 0.7)).reshape(codes, codes, 2)
    if kind == "views":  # independent given the label
        odds = 1 / (1 + np.exp(-np.linspace(-1.8, 1.8, codes)))
        each = np.stack([1 - odds, odds], axis=1)
        return np.einsum("iy,jy->ijy", *[each / each.sum(0)] * 2) / 2
    sign = np.sign(np.linspace(-1, 1, codes) + 0.01)
    pairs = np.eye(codes) * 0.8 / codes + 0.2 / codes**2 if kind == "copy" else np.full((codes, codes), codes**-2.0)
    share = {
        "copy": np.add.outer(tells, tells) / 2,
        "xor": 0.5 + 0.35 * np.multiply.outer(sign, sign),
        "one": np.repeat(tells[:, None], codes, axis=1),
    }[kind]
    return np.stack([pairs * (1 - share), pairs * share], axis=2)


def samples(joint: np.ndarray, rows: int, rng: np.random.Generator) -> tuple[ManyCounts, np.ndarray]:
    """Counts of three samples of so many rows, and the labels (rows,) of the pairs."""
    codes, classes = len(joint), joint.shape[2]

    def draw(table: np.ndarray) -> np.ndarray:
        return rng.choice(table.size, size=rows, p=table.ravel() / table.sum())

    def coded(cells: np.ndarray, count: int) -> CodedSet:
        return CodedSet(cells=cells, cell_count=count, weights=None, groups=None)

    labeled = tuple(coded(draw(joint.sum(1 - i)), codes * classes) for i in (0, 1))
    pair, label = np.divmod(draw(joint), classes)
    grid = np.indices((codes, codes)).reshape(2, -1).T
    counts = ManyCounts(
        names=("a", "b"),
        codes=grid,
        pairs=coded(pair, codes**2),
        labeled=labeled,
        sizes=(codes, codes),
        classes=classes,
    )
    return counts, label


def one(kind: str, run: int, rows: int, target: str) -> dict:
    """One run: by the plan and at random, which limits were on the wrong side in any round."""
    rng = np.random.default_rng([KINDS.index(kind), run])
    joint = joint_of(kind, rng)
    best = float(joint.max(2).sum())
    truth = {
        "accuracy": best,
        "gain": best - max(float(joint.sum(i).max(1).sum()) for i in (0, 1)),
        "synergy": ip.decompose(joint).synergy,
    }
    counts, labels = samples(joint, rows, rng)
    desk = desk_of(
        counts,
        np.arange(2),
        accidents=(0.0, 0.0),
        lost=(0.0, 0.0),
        replicates=20,
        budget=BATCH,
        confidence=0.95,
        looks=ROUNDS,
        seed=int(rng.integers(2**31)),
    )
    start, order = first_plan(desk, target=target, worth=WORTH[target]), rng.permutation(rows)
    row = {"kind": kind, "truth": truth}
    for way in ("plan", "random"):
        plans = [start]
        for r in range(ROUNDS):
            rows_next = plans[-1].rows if way == "plan" else order[r * BATCH : (r + 1) * BATCH]
            if plans[-1].stop or not len(rows_next):
                break
            plans.append(plans[-1].update(rows_next, labels[rows_next]))
        row[way] = outcome(plans, truth, target)
    return row


def outcome(plans: list[LabelPlan], truth: dict, target: str) -> dict:
    """Limits broken low and high in any round, the decision and whether it is wrong, widths first and last."""
    said = {what: [getattr(p, what).ci for p in plans] for what in truth}
    last, value = plans[-1], truth["gain" if target == "accuracy" else "synergy"]
    above = {"fuse": True, "synergy": True, "do not fuse": False, "no synergy": False}.get(last.decision)
    return {
        "low": {w: any(ci[0] > truth[w] + 1e-9 for ci in cis) for w, cis in said.items()},
        "high": {w: any(ci[1] < truth[w] - 1e-9 for ci in cis) for w, cis in said.items()},
        "widths": {w: (cis[0][1] - cis[0][0], cis[-1][1] - cis[-1][0]) for w, cis in said.items()},
        "early": {w: cis[min(EARLY, len(cis) - 1)][1] - cis[min(EARLY, len(cis) - 1)][0] for w, cis in said.items()},
        "decided": above is not None,
        "wrong": above is not None and above != (value > WORTH[target]),
        "labels": len(last.labelled),
    }


def summary(rows: list[dict]) -> str:
    """Runs with a broken limit, by kind and way."""
    columns = ("accuracy", "gain", "synergy")
    lines = [
        "| joint | labels | runs | "
        + " | ".join(f"{c}: broken low, high; width" for c in columns)
        + " | decided | wrong | labels |",
        "| --- " * (len(columns) + 6) + "|",
    ]
    for kind in dict.fromkeys(r["kind"] for r in rows):
        for way in ("plan", "random"):
            some = [r[way] for r in rows if r["kind"] == kind]
            cells = []
            for c in columns:
                low, high = (sum(s[end][c] for s in some) for end in ("low", "high"))
                before, after = (np.mean([s["widths"][c][i] for s in some]) for i in (0, 1))
                cells.append(f"{low}, {high}; {before:.3f} to {after:.3f}")
            lines.append(
                f"| {kind} | {way} | {len(some)} | {' | '.join(cells)} | {sum(s['decided'] for s in some)} "
                f"| {sum(s['wrong'] for s in some)} | {np.median([s['labels'] for s in some]):.0f} |"
            )
    lines.append(f"\nmean width after {EARLY * BATCH} labels, by the plan over at random:")
    for kind in dict.fromkeys(r["kind"] for r in rows):
        some = [r for r in rows if r["kind"] == kind]
        share = {
            c: np.mean([r["plan"]["early"][c] for r in some]) / np.mean([r["random"]["early"][c] for r in some])
            for c in columns
        }
        lines.append(f"{kind}: " + ", ".join(f"{c} {x:.2f}" for c, x in share.items()))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--rows", type=int, default=400, help="rows of each sample")
    parser.add_argument("--target", choices=("accuracy", "synergy"), default="accuracy")
    parser.add_argument("--kinds", nargs="*", default=KINDS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("label_coverage.json"), help="taken up again if it exists")
    args = parser.parse_args()
    jobs = [(kind, run, args.rows, args.target) for kind in args.kinds for run in range(args.runs)]
    done = run_jobs(jobs, one, workers=args.workers, out=args.out)
    print(summary([done[str(job)] for job in jobs]))


if __name__ == "__main__":
    main()
