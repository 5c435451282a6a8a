"""Certified ranges of models against held-out truth, on every pair of real modalities, without one labelled pair.

    python benchmarks/certified.py [--splits 3] [--replicates 100] [--workers 2] [--out certified.json] [--sets ...]

Each set is cut into fifths: labels of the first modality, of the second, unlabelled pairs, labelled pairs on which five
models are trained, and a test. The models answer the unlabelled pairs; `compare_models` gives a range for each accuracy
and each difference; the test then says what they are.
"""

import itertools
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import interplay as ip
from jobs import run_pairs
from real_sets import load_pair, standard_error


def models(features: dict, labels, seed: int):
    """name -> function of features by modality to answers; the bad one repels what early fusion would say."""
    classes, first = np.unique(labels), list(features)
    forest = RandomForestClassifier(200, min_samples_leaf=2, random_state=seed).fit(
        np.hstack([*features.values()]), labels
    )
    linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300, tol=1e-3))
    linear.fit(np.hstack([*features.values()]), labels)
    alone = {
        n: RandomForestClassifier(200, min_samples_leaf=2, random_state=seed).fit(x, labels)
        for n, x in features.items()
    }
    share = np.array([(labels == c).mean() for c in classes])

    def scores(x):
        return [np.maximum(alone[n].predict_proba(x[n]), 1e-3) for n in first]

    return {
        "early forest": lambda x: forest.predict(np.hstack([*x.values()])),
        "logistic": lambda x: linear.predict(np.hstack([*x.values()])),
        "product of experts": lambda x: classes[(scores(x)[0] * scores(x)[1] / share).argmax(1)],
        "averaging": lambda x: classes[(scores(x)[0] + scores(x)[1]).argmax(1)],
        "bad": lambda x: classes[forest.predict_proba(np.hstack([*x.values()])).argmin(1)],
    }


def one(file: str, two: tuple[str, str], seed: int, replicates: int, *, data: Path) -> dict:
    """One split of one pair: ranges and truths of five models and of their ten differences."""
    task = load_pair(file, two, data)
    part = np.random.default_rng(seed).permutation(len(task.labels)) * 5 // len(task.labels)
    at = {name: part == k for k, name in enumerate((*two, "pairs", "train", "test"))}
    views = {name: {n: x[rows] for n, x in task.features.items()} for name, rows in at.items()}
    groups = None if task.groups is None else {n: task.groups[at[n]] for n in (*two, "pairs")}
    answer = models(views["train"], task.labels[at["train"]], seed)
    said = {name: f(views["pairs"]) for name, f in answer.items()}
    hits = {name: (f(views["test"]) == task.labels[at["test"]]).astype(float) for name, f in answer.items()}
    c = ip.compare_models(
        said,
        labeled={n: (views[n][n], task.labels[at[n]]) for n in two},
        pairs=views["pairs"],
        groups=groups,
        seed=seed,
        replicates=replicates,
        workers=1,
    )
    held_out = None if task.groups is None else task.groups[at["test"]]

    def row(estimate, values):
        truth, error = float(values.mean()), standard_error(values, held_out)
        return {"ci": estimate.ci, "plug-in": (estimate.low, estimate.high), "truth": truth, "error": error}

    return {
        "set": file,
        "pair": list(two),
        "rows": int(at["pairs"].sum()),
        "accuracy": {n: row(c.accuracy[n], h) for n, h in hits.items()},
        "difference": {
            f"{a} - {b}": row(c.difference[a, b], hits[a] - hits[b]) for a, b in itertools.combinations(hits, 2)
        },
        "better": {f"{a} - {b}": w for (a, b), w in c.better.items()},
    }


def misses(r: dict) -> bool:
    """Whether the truth lies outside by more than its own noise explains."""
    return not r["ci"][0] - 1.645 * r["error"] <= r["truth"] <= r["ci"][1] + 1.645 * r["error"]


def report(rows: list[dict]) -> None:
    """Misses and widths by kind of model and by set; comparisons decided, and decided rightly."""
    head = "| ranges | missed | mean width of the interval | of the plug-in range |\n| --- | --- | --- | --- | --- |"
    print(f"| model {head}")
    for name in (*rows[0]["accuracy"], None):
        some = [r for row in rows for n, r in row["accuracy"].items() if name in (n, None)]
        print(f"| {name or 'all'} | {_line(some)} |")
    print(f"\n| set {head}")
    for file in dict.fromkeys(row["set"] for row in rows):
        print(f"| {file} | {_line([r for row in rows if row['set'] == file for r in row['accuracy'].values()])} |")
    both = [(row["better"].get(n), n, r) for row in rows for n, r in row["difference"].items()]
    decided = [(winner == n.split(" - ")[0], r) for winner, n, r in both if winner]
    wrong = [r for first, r in decided if (r["truth"] < 0) == first and r["truth"] != 0]
    beyond = [r for r in wrong if abs(r["truth"]) > 1.645 * r["error"]]
    print(
        f"\ndifferences missed: {sum(misses(r) for _, _, r in both)} of {len(both)}; decided: {len(decided)} of "
        f"{len(both)}; of those the other model was ahead in the test: {len(wrong)}, by more than noise: {len(beyond)}"
    )
    good = [(w, n, r) for w, n, r in both if "bad" not in n]
    print(f"without the bad model: decided {sum(bool(w) for w, _, _ in good)} of {len(good)}")


def _line(some: list[dict]) -> str:
    ci, ends = np.array([r["ci"] for r in some]), np.array([r["plug-in"] for r in some])
    missed = sum(misses(r) for r in some)
    return f"{len(some)} | {missed} ({missed / len(some):.1%}) | {np.diff(ci).mean():.3f} | {np.diff(ends).mean():.3f}"


if __name__ == "__main__":
    report(run_pairs(__doc__, one, replicates=100, out="certified.json"))
