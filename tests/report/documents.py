"""JSON twins for tests of the report: made up, but with the layout of a real result."""

import copy
import itertools

import numpy as np


def estimate(low, high=None, half=0.02, unit="bits", confidence=0.95, how="bias-corrected bootstrap"):
    high = low if high is None else high
    ci = [low - half, high + half]
    limits = [low - 0.84 * half, high + 0.84 * half]
    ends = {"low": low, "high": high, "ci": ci, "limits": limits}
    return {**ends, "confidence": confidence, "unit": unit, "how": how, "p_value": None}


def share(low, high=None, half=0.011):
    return estimate(low, high, half, "probability")


def tables(n1, n2, k, names, classes, seed=0):
    rng = np.random.default_rng(seed)
    a, b = np.linspace(-1.2, 1.2, n1), np.linspace(-1.2, 1.2, n2)
    joint = np.zeros((n1, n2, k))
    for c, centre in enumerate(np.linspace(-1, 1, k)):
        weight = np.exp(-((a[:, None] - centre) ** 2) * 1.5 - (b[None] - centre) ** 2 * 2.5)
        joint[..., c] = weight * rng.uniform(0.7, 1.3, (n1, n2))
    joint /= joint.sum()
    layout = {"schema": "interplay/tables/1", "names": list(names), "classes": list(classes), "codebook": ""}
    margins = {"pairs": joint.sum(2), "first": joint.sum(1), "second": joint.sum(0)}
    twin = {**layout, "counts": False, "sizes": None, **{m: t.tolist() for m, t in margins.items()}}
    return twin, joint.argmax(2).tolist()


def ladder():
    rungs = [
        ("guaranteed", 0.929, "none beyond the samples"),
        ("maximum entropy", 0.945, "no interaction that the tables do not force"),
        ("conditional independence", 0.953, "the modalities are independent given the class"),
        ("largest possible", 0.974, "none; the most favourable joint"),
    ]
    return [{"rung": r, "accuracy": a, "assumption": t} for r, a, t in rungs]


def answers(names, confidence=0.95):
    unique = dict(zip(names, itertools.cycle([0.062, 0.241]), strict=False))
    return {
        "accuracy": share(0.929, 0.974),
        "guarantee": share(0.929, 0.951),
        "gain": share(0.061, None, 0.018),
        "ladder": ladder(),
        "redundancy": estimate(0.312),
        "unique": {m: estimate(v) for m, v in unique.items()},
        "synergy": estimate(0.034, 0.181),
        "total": estimate(0.649, 0.796),
        "information": {m: estimate(0.312 + v) for m, v in unique.items()},
        "mismatch": {
            "p_values": {**dict.fromkeys(names, 0.41), "label": 0.73},
            "p_value": 1.0,
            "disagreeing": [],
        },
        "certificates": [
            proof("redundancy and unique parts", "solvers.union", 2e-9, 4e-6, [1e-8, 1e-5]),
            proof("high end of the best accuracy", "solvers.accuracy_max", 1e-7, None, None),
        ],
    }


def proof(what, solver, gap, replicate_gap, tolerance):
    told = {"what": what, "solver": solver, "tables": 202, "gap": gap, "replicate_gap": replicate_gap}
    return {**told, "tolerance": tolerance, "unit": "bits"}


def document(names=("image", "text"), classes=("negative", "positive"), codes=6, truth=True):
    pairs = []
    for i, (a, b) in enumerate(itertools.combinations(names, 2)):
        table, rule = tables(codes, codes, len(classes), (a, b), classes, seed=i)
        pairs.append({"modalities": [a, b], **answers((a, b)), "tables": table, "rule": rule})
    singles = {m: share(0.80 + 0.068 * (i == 1)) for i, m in enumerate(names)}
    twin = {
        "schema": "interplay/result/1",
        "version": "0.1.0",
        "settings": {
            "confidence": 0.95,
            "seed": 0,
            "codes": "auto",
            "code_counts": dict.fromkeys(names, codes),
            "folds": 2,
            "replicates": 200,
        },
        "modalities": list(names),
        "classes": list(classes),
        "sizes": {"labeled": dict.fromkeys(names, 2400), "pairs": 3100},
        "label_entropy": 0.992,
        "majority": 0.553,
        "unimodal": singles,
        "best_single": names[1],
        **answers(names[:2]),
        "pairs": pairs,
        "chosen_pair": list(names[:2]),
        "warnings": ["3 constant columns of 'image' were dropped."],
        "assumptions": [
            "The labelled rows and the pairs are random samples of one population.",
            "Rows are independent of each other (no groups were given).",
        ],
        "verdict": f"Fuse: together {names[0]} and {names[1]} are right in at least 91.8% of cases "
        "(95% confidence), the best single modality in 86.8%; at most 98.5% is possible.",
        "next_steps": [
            "Deploy the fused model: its guarantee is above the best single modality.",
            "Labelling about 200 pairs would tell where in the range the best model lies.",
        ],
        "truth": {"fused": 0.941, "fused_se": 0.006, "best_single": 0.866, "oracle": 0.957, "rows": 1500},
        "inputs": {f"labeled:{m}": "sha256:" + f"{i}" * 64 for i, m in enumerate(names)},
    }
    if not truth:
        twin["truth"] = None
    return copy.deepcopy(twin)


def curve():
    points = [{"at": n, "low": 0.8 + n / 100, "high": 0.85 + n / 80, "ci": [0.75, 0.99]} for n in (2, 4, 8)]
    labels = {"title": "Accuracy by number of codes", "note": "More codes see more.", "x_label": "codes"}
    return {**labels, "unit": "probability", "points": points}
