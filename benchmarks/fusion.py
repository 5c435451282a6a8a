"""Fused without a labelled pair, and accuracy predicted, against held-out truth on every pair of real modalities.

    python benchmarks/fusion.py [--splits 3] [--replicates 200] [--workers 2] [--out fusion.json] [--sets wesad ...]

Each set is cut into quarters: labels of the first modality, of the second, unlabelled pairs, and a test that only the
last column sees. The criterion of ours is the identified log loss (`AutoFusion`), which sees no label of a pair.
"""

from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

import interplay as ip
from interplay.estimation.classifiers import fit_posterior
from interplay.fusion import AutoFusion
from interplay.fusion.estimators import MAXENT, PRODUCT
from jobs import run_pairs, spread
from real_sets import Split, load_pair, split, standard_error

COLUMNS = ("single", "averaging", "product", "max-ent", "minimax", "auto", "oracle")
PREDICTIONS = (
    "single, estimated",
    "mid-point",
    "max-ent on codes",
    "independence on codes",
    "expected of auto",
    "paper",
)


def one(file: str, two: tuple[str, str], seed: int, replicates: int, *, data: Path) -> dict:
    """One split of one pair: accuracies on held-out pairs, and what was predicted without a labelled pair."""
    s = split(load_pair(file, two, data), seed)
    given = {"labeled": s.labeled, "pairs": s.pairs, "groups": s.groups}
    auto = AutoFusion(seed=seed, replicates=replicates, workers=1).fit(**given)
    r = ip.quantify(**given, seed=seed, replicates=replicates, workers=1)
    best = r.best_single
    average = np.mean([auto.predict_proba({n: x}) for n, x in s.test.items()], axis=0)
    said = {
        "single": _fitted(*s.labeled[best], seed)(s.test[best]),
        "single, folds": auto.predict({best: s.test[best]}),
        "averaging": auto.classes_[average.argmax(1)],
        "product": auto.candidates_[PRODUCT].predict(s.test),
        "max-ent": auto.candidates_[MAXENT].predict(s.test),
        "minimax": r.fused.predict(s.test),
        "auto": auto.predict(s.test),
        "oracle": _fitted(np.hstack(list(s.pairs.values())), s.pair_labels, seed)(np.hstack(list(s.test.values()))),
    }
    hits = {name: (labels == s.test_labels).astype(float) for name, labels in said.items()}
    paper = ip.bound_accuracy(r.chosen.reconciled, time_limit=1.0).methods["paper"]
    rungs = {rung.rung: rung.accuracy for rung in r.ladder}
    return {
        "set": file,
        "pair": list(two),
        "rows": len(s.pair_labels),
        **{name: float(h.mean()) for name, h in hits.items()},
        "error of auto minus single": standard_error(hits["auto"] - hits["single"], s.test_groups),
        "error": standard_error(hits["auto"], s.test_groups),
        "chosen": auto.chosen_,
        "weights": list(auto.weights_.values()),
        "candidates": _candidates(auto, s),
        "range of auto": [*auto.accuracy_.ci, auto.accuracy_.low, auto.accuracy_.high],
        "promised": r.guarantee.ci[0],
        "rule": r.fused.rule,
        "single, estimated": r.unimodal[best].low,
        "mid-point": (r.accuracy.low + r.accuracy.high) / 2,
        "max-ent on codes": rungs["maximum entropy"],
        "independence on codes": rungs["conditional independence"],
        "expected of auto": auto.expected_accuracy_,
        "paper": (paper.low + paper.high) / 2,
    }


def _candidates(auto: AutoFusion, s: Split) -> dict[str, dict[str, float]]:
    """Of each candidate of ours: held-out accuracy, and the log loss by which one was chosen without it."""
    return {
        name: {
            "accuracy": float((c.predict(s.test) == s.test_labels).mean()),
            "log loss": auto.log_losses_[name],
            "error": auto.log_loss_errors_[name],
            "expected": float(c.predict_proba(s.pairs).max(1).mean()),
        }
        for name, c in auto.candidates_.items()
    }


def _fitted(features, labels, seed):
    """The classifier that ours are made of (the best of logistic regression, a forest and their mean)."""
    classes, positions = np.unique(labels, return_inverse=True)
    p = fit_posterior(features, positions, class_count=len(classes), weights=None, seed=seed, workers=1)
    return lambda x: classes[p(x).argmax(1)]


def report(rows: list[dict]) -> None:
    """Tables over pairs, then what was asked: never worse, half the gap, rank correlations."""
    pairs = sorted({(r["set"], *r["pair"]) for r in rows})
    of = {pair: [r for r in rows if (r["set"], *r["pair"]) == pair] for pair in pairs}
    print("| pair | n | " + " | ".join(COLUMNS) + " | chosen |\n" + "| --- " * (len(COLUMNS) + 3) + "|")
    closed, worse = [], []
    for pair, some in of.items():
        cells = [spread([r[c] for r in some]) for c in COLUMNS]
        chosen = ", ".join(sorted({r["chosen"] for r in some}))
        print(f"| {pair[0]}: {pair[1]}+{pair[2]} | {some[0]['rows']} | " + " | ".join(cells) + f" | {chosen} |")
        gain, gap = (np.mean([r[c] - r["single"] for r in some]) for c in ("auto", "oracle"))
        error = np.sqrt(np.mean([r["error of auto minus single"] ** 2 for r in some]) / len(some))
        if gain < -1.645 * error:
            worse.append((pair, round(float(gain), 4), round(float(error), 4)))
        if gap > 0.01:
            closed.append(gain / gap)
    print(
        f"\nauto below the best single modality by more than 1.645 standard errors: {len(worse)} of {len(of)} {worse}"
    )
    print(f"mean gain over the best single modality {_by_split(rows, lambda r: r['auto'] - r['single'])}")
    print(
        f"share of the gap to the oracle that auto closes, over {len(closed)} pairs with a gap above 0.01: median "
        f"{np.median(closed):.2f}, quartiles {np.quantile(closed, 0.25):.2f} to {np.quantile(closed, 0.75):.2f}"
    )
    for name in ("averaging", "product", "max-ent", "minimax"):
        print(f"auto minus {name}: mean {_by_split(rows, lambda r, name=name: r['auto'] - r[name])}")
    best = _by_split(rows, lambda r: max(c["accuracy"] for c in r["candidates"].values()) - r["auto"])
    print(f"best candidate in hindsight minus auto: mean {best}")
    inside = [r["range of auto"][0] - 1.645 * r["error"] <= r["auto"] <= r["range of auto"][1] + 1.645 * r["error"]
              for r in rows]  # fmt: skip
    width = np.mean([r["range of auto"][1] - r["range of auto"][0] for r in rows])
    print(f"range of auto holds the held-out accuracy within noise: {sum(inside)} of {len(rows)}, width {width:.3f}")
    kept = [r["promised"] <= r["minimax"] + 1.645 * r["error"] for r in rows]
    print(f"guarantee of minimax kept within noise: {sum(kept)} of {len(rows)}")
    _predictions(rows)


def _by_split(rows: list[dict], value) -> str:
    """Mean over pairs and its interval over splits."""
    seeds = sorted({r["seed"] for r in rows})
    return spread([np.mean([value(r) for r in rows if r["seed"] == s]) for s in seeds])


def _predictions(rows: list[dict]) -> None:
    """Against the accuracy of the oracle, a model trained on labelled pairs: over all pairs of a split, and over the
    pairs of one set in one split, of sets with three pairs or more."""
    print("\n| predicted by | rank correlation over all | within sets | mean absolute error |\n" + "| --- " * 4 + "|")
    seeds = sorted({r["seed"] for r in rows})
    for name in PREDICTIONS:
        every = [_rank([r for r in rows if r["seed"] == s], name) for s in seeds]
        off = np.mean([abs(r[name] - r["oracle"]) for r in rows])
        print(f"| {name} | {spread(every)} | {spread([_within(rows, name, s) for s in seeds])} | {off:.3f} |")


def _rank(some: list[dict], name: str) -> float:
    return float(spearmanr([r[name] for r in some], [r["oracle"] for r in some]).statistic)


def _within(rows: list[dict], name: str, seed: int) -> float:
    """Mean rank correlation over sets of three pairs or more, each weighted by its pairs."""
    sets = [[r for r in rows if r["seed"] == seed and r["set"] == file] for file in {r["set"] for r in rows}]
    some = [s for s in sets if len(s) > 2]
    return float(np.average([_rank(s, name) for s in some], weights=[len(s) for s in some]))


if __name__ == "__main__":
    report(run_pairs(__doc__, one, replicates=200, out="fusion.json"))
