"""Regret of the first modality that `interplay.collect` names: python benchmarks/collect.py [--splits 2] [--haves 2].

Each real set with three or more modalities is cut at random into labelled rows of each modality, unlabelled pairs
and a test; synthetic sets have known interactions. For some modalities taken as what one has, the best choice in
hindsight is the candidate with which a random forest, trained on as many labelled pairs, is most accurate on the
test. Compared: the ranking of `collect`, its guaranteed and its possible gain alone, the middle of both, the candidate
with which a forest is most accurate alone (cross-validated on its labelled rows), and a random one.
"""

import argparse
import json
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score

import interplay as ip
import real_sets
from real_sets import Task, load


def tasks(synthetic_rows: int) -> Iterator[Task]:
    """Sets with three or more modalities."""
    yield load("uci_mushroom", ("cap", "gill", "stalk", "ecology", "veil_ring_spore"), name="uci_mushroom")
    yield load("wesad", ("ecg", "eda", "emg"), positive=lambda c: np.where(c == "baseline", "baseline", "rest"))
    yield load("cmu_mosi", ("text", "audio", "video"), rows=lambda a: a["split"] == 2)
    views = ("fourier", "karhunen_loeve", "zernike", "morphological")
    even = lambda c: np.where(np.isin(c, ["0", "2", "4", "6", "8"]), "even", "odd")  # noqa: E731
    yield load("uci_mfeat_digits", views, positive=even, name="uci_mfeat_digits: even or odd")
    yield load("tcga_brca", ("mrna", "mirna", "protein"))
    for kind in ("redundant", "complementary", "synergy"):
        yield synthetic(kind, synthetic_rows)


def synthetic(kind: str, rows: int) -> Task:
    """What one has, and candidates of known worth; the most accurate one alone is a copy of what one has."""
    rng = np.random.default_rng(["redundant", "complementary", "synergy"].index(kind))
    y = rng.integers(2, size=rows)
    sign = 2 * y - 1

    def view(strength: float) -> np.ndarray:
        return rng.normal(size=(rows, 3)) + strength * sign[:, None] * [1, 0, 0]

    owned = view(0.7)
    features = {"owned": owned, "copy": owned + 0.2 * rng.normal(size=(rows, 3)), "noise": view(0.0)}
    if kind == "complementary":
        features["other"] = view(0.6)
    elif kind == "synergy":  # the sign of a product: useless alone
        features["other"] = np.abs(rng.normal(size=(rows, 3))) * (sign * np.sign(owned[:, 1]))[:, None]
    else:
        features["other"] = view(0.3)
    return Task(name=f"synthetic: {kind}", features=features, labels=y, groups=None)


def cut(task: Task, seed: int) -> dict:
    """Disjoint labelled rows for each modality, pairs and test (as much as the pairs)."""
    rng = np.random.default_rng(seed)
    count = len(task.features) + 2
    part = rng.permutation(len(task.labels)) % count
    names = list(task.features)
    rows = {m: part == i for i, m in enumerate(names)} | {"pairs": part == count - 2, "test": part == count - 1}
    return {"names": names, "rows": rows}


def forest(task: Task, names: tuple[str, ...], rows: dict, seed: int) -> float:
    """Held-out accuracy with labelled pairs of these modalities."""
    x = np.hstack([task.features[m] for m in names])
    model = RandomForestClassifier(150, random_state=seed, n_jobs=1).fit(x[rows["pairs"]], task.labels[rows["pairs"]])
    return float((model.predict(x[rows["test"]]) == task.labels[rows["test"]]).mean())


def one(job: tuple[int, int, int, int, str]) -> list[dict]:
    """Rows of one set and split: the regret of each way of choosing, for some modalities as what one has."""
    at, seed, haves, synthetic_rows, data = job
    warnings.simplefilter("ignore")
    real_sets.DATA = Path(data)
    task = list(tasks(synthetic_rows))[at]
    c = cut(task, seed)
    rows, names = c["rows"], c["names"]
    labeled = {m: (task.features[m][rows[m]], task.labels[rows[m]]) for m in names}
    pairs = {m: task.features[m][rows["pairs"]] for m in names}
    groups = None
    if task.groups is not None:
        groups = {m: task.groups[rows[m]] for m in (*names, "pairs")}
    rng = np.random.default_rng(seed)
    owned = ["owned"] if "owned" in names else list(rng.permutation(names))[:haves]
    out = []
    for have in owned:
        r = ip.collect(labeled=labeled, pairs=pairs, have=have, groups=groups, seed=seed, replicates=20, workers=1)
        others = [m for m in names if m != have]
        reached = {m: forest(task, (have, m), rows, seed) for m in others}
        alone = {m: cross_validated(labeled[m], seed) for m in others}
        by = {x.name: x for x in r.ranking}
        chosen = {
            "collect": r.ranking[0].name,
            "guaranteed only": max(others, key=lambda m: by[m].gain.low),
            "possible only": max(others, key=lambda m: by[m].gain.high),
            "middle": max(others, key=lambda m: by[m].gain.low + by[m].gain.high),
            "alone": max(others, key=lambda m: alone[m]),
        }
        best = max(reached.values())
        regret = {k: best - reached[m] for k, m in chosen.items()}
        regret["random"] = best - float(np.mean(list(reached.values())))
        said = {m: [c.likely_gain, c.gain.low, c.gain.high, *c.gain.limits] for m, c in by.items()}
        out.append(
            {"set": task.name, "seed": seed, "have": have, "chosen": chosen, "best": best, "regret": regret}
            | {"said": said, "alone": alone, "reached": reached}
        )
    return out


def cross_validated(data: tuple, seed: int) -> float:
    """Accuracy of a forest on one modality's labelled rows."""
    return float(cross_val_score(RandomForestClassifier(100, random_state=seed), *data, cv=3).mean())


def summary(rows: list[dict]) -> str:
    """Mean regret in points by set and in all, with the standard error over sets, splits and haves."""
    ways = list(rows[0]["regret"])
    lines = ["| set | runs | " + " | ".join(ways) + " |", "| --- " * (len(ways) + 2) + "|"]
    for name in dict.fromkeys(r["set"] for r in rows):
        some = [r for r in rows if r["set"] == name]
        means = [100 * np.mean([r["regret"][w] for r in some]) for w in ways]
        lines.append(f"| {name} | {len(some)} | " + " | ".join(f"{m:.2f}" for m in means) + " |")
    values = np.array([[r["regret"][w] for w in ways] for r in rows])
    se = values.std(0, ddof=1) / np.sqrt(len(values))
    lines.append(
        f"| all (95% CI) | {len(rows)} | "
        + " | ".join(f"{100 * m:.2f} ± {196 * s:.2f}" for m, s in zip(values.mean(0), se, strict=True))
        + " |"
    )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--splits", type=int, default=2)
    parser.add_argument("--haves", type=int, default=2, help="modalities taken as what one has, by set and split")
    parser.add_argument("--rows", type=int, default=3000, help="rows of the synthetic sets")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--data", default=str(real_sets.DATA))
    parser.add_argument("--out", help="JSON file; runs that it holds are not run again")
    args = parser.parse_args()
    real_sets.DATA = Path(args.data)
    done = json.loads(Path(args.out).read_text()) if args.out and Path(args.out).exists() else {}
    count = len(list(tasks(100)))
    jobs = {
        f"{at}/{seed}": (at, seed, args.haves, args.rows, args.data)
        for seed in range(args.splits)
        for at in range(count)
    }
    jobs = {k: j for k, j in jobs.items() if k not in done}
    with ProcessPoolExecutor(args.workers) as pool:
        for key, rows in zip(jobs, pool.map(one, jobs.values()), strict=True):
            done[key] = rows
            print(key, [(r["set"], r["have"], r["chosen"]["collect"]) for r in rows], flush=True)
            if args.out:
                Path(args.out).write_text(json.dumps(done))
    print(summary([r for rows in done.values() for r in rows]))


if __name__ == "__main__":
    main()
