"""Regret of the families that `interplay.recommend_models` names: python benchmarks/select_models.py [--splits 1].

Each task gives labelled rows of two modalities and unlabelled pairs to interplay, which sees no labelled pair; then all
families of the zoo are trained on labelled pairs and tested on others. Regret: accuracy of the best family in hindsight
less that of the one chosen, on the test. "Advice": of the recommended families the one that its validation rows prefer;
"first": the first recommended one. Compared with every fixed family. Needs the extra torch.
"""

import argparse
import json
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import interplay as ip
import real_sets
from interplay.advice.selection import FAMILIES
from interplay.fusion import zoo
from real_sets import Task, load, split

KINDS = ("redundant", "unique", "synergy", "mixed", "noisy views")


def tasks() -> Iterator[Task]:
    """Synthetic sets of each kind of interaction, and real ones."""
    for kind in KINDS:
        yield synthetic(kind)
    yield load("uci_mushroom", ("cap", "gill"))
    yield load("wesad", ("ecg", "emg"), positive=lambda c: np.where(c == "baseline", "baseline", "rest"))
    yield load("crema_d_votes", ("voice", "face"))
    yield load("uci_mfeat_digits", ("fourier", "zernike"))
    yield load("cmu_mosi", ("text", "audio"), rows=lambda a: a["split"] == 2)
    yield load("wikipedia_image_text", ("image", "text"))


def synthetic(kind: str, rows: int = 3000) -> Task:
    """Five hidden features a modality and five shared ones, mixed at random into twelve; the label depends on some."""
    rng = np.random.default_rng(KINDS.index(kind))
    own_a, own_b, shared = rng.normal(size=(3, rows, 5))
    score = {
        "redundant": shared.sum(1),
        "unique": own_a.sum(1),
        "synergy": 3 * own_a[:, 0] * own_b[:, 0],
        "mixed": shared.sum(1) + own_a.sum(1) + 3 * own_a[:, 0] * own_b[:, 0],
        "noisy views": own_a.sum(1) + own_b.sum(1),
    }[kind]
    y = score + rng.normal(size=rows) > np.median(score)
    mixing = rng.uniform(size=(2, 10, 12))
    features = {
        m: np.hstack([own, shared]) @ mixing[i] + 0.3 * rng.normal(size=(rows, 12))
        for i, (m, own) in enumerate((("a", own_a), ("b", own_b)))
    }
    return Task(name=f"synthetic: {kind}", features=features, labels=y.astype(int), groups=None)


def one(job: tuple[int, int, str, str]) -> dict:
    """Advice, then accuracy, validation and seconds of each family."""
    at, seed, data, device = job
    warnings.simplefilter("ignore")
    real_sets.DATA = Path(data)
    task = list(tasks())[at]
    s = split(task, seed)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    r = ip.quantify(
        labeled=s.labeled, pairs=s.pairs, groups=s.groups, seed=seed, workers=1, replicates=50,
        classifiers=dict.fromkeys(s.labeled, model),
    )  # fmt: skip
    advice = ip.recommend_models(r)
    names = sorted(s.pairs, key=lambda n: -r.unimodal[n].low)
    groups = None if s.groups is None else s.groups["pairs"]
    scores = {}
    for family in FAMILIES:
        t = zoo.train(
            family, {n: s.pairs[n] for n in names}, s.pair_labels, groups=groups, seed=seed, device=device, epochs=60
        )
        right = (t.predict({n: s.test[n] for n in names}) == s.test_labels).mean()
        scores[family] = {"accuracy": float(right), "validation": t.validation, "seconds": t.seconds}
    return {"set": task.name, "seed": seed, "recommended": list(advice.recommended), "scores": scores}


def regrets(row: dict) -> tuple[dict[str, float], dict[str, float]]:
    """Regret and training seconds of the advice, its first family, and each fixed family."""
    scores, named = row["scores"], row["recommended"]
    best = max(s["accuracy"] for s in scores.values())
    chosen = {"advice": max(named, key=lambda f: scores[f]["validation"]), "first": named[0]} | {f: f for f in FAMILIES}
    chosen["validate all"] = max(scores, key=lambda f: scores[f]["validation"])
    regret = {w: best - scores[f]["accuracy"] for w, f in chosen.items()}
    seconds = {w: scores[f]["seconds"] for w, f in chosen.items()}
    seconds["advice"] = sum(scores[f]["seconds"] for f in named)
    seconds["validate all"] = sum(s["seconds"] for s in scores.values())
    return regret, seconds


def summary(rows: list[dict]) -> str:
    """Mean regret in points with its 95% interval over runs, and training seconds, by way of choosing."""
    both = [regrets(r) for r in rows]
    lines = ["| way | mean regret, points | training, seconds a run |", "| --- | --- | --- |"]
    ways = sorted(both[0][0], key=lambda w: np.mean([b[0][w] for b in both]))
    for w in ways:
        values = 100 * np.array([b[0][w] for b in both])
        half = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
        lines.append(f"| {w} | {values.mean():.2f} ± {half:.2f} | {np.mean([b[1][w] for b in both]):.1f} |")
    lines += ["", "| set | recommended | regret of the advice | best in hindsight |", "| --- | --- | --- | --- |"]
    for r, (regret, _) in zip(rows, both, strict=True):
        best = max(r["scores"], key=lambda f: r["scores"][f]["accuracy"])
        lines.append(
            f"| {r['set']}, seed {r['seed']} | {', '.join(r['recommended'])} | {100 * regret['advice']:.1f} "
            f"| {best} {r['scores'][best]['accuracy']:.3f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--splits", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--data", default=str(real_sets.DATA))
    parser.add_argument("--out", help="JSON file; runs that it holds are not run again")
    args = parser.parse_args()
    real_sets.DATA = Path(args.data)
    done = json.loads(Path(args.out).read_text()) if args.out and Path(args.out).exists() else {}
    count = len(list(tasks()))
    jobs = {f"{at}/{s}": (at, s, args.data, args.device) for s in range(args.splits) for at in range(count)}
    jobs = {k: j for k, j in jobs.items() if k not in done}
    with ProcessPoolExecutor(args.workers) as pool:
        for key, row in zip(jobs, pool.map(one, jobs.values()), strict=True):
            done[key] = row
            print(key, row["set"], row["recommended"], flush=True)
            if args.out:
                Path(args.out).write_text(json.dumps(done))
    print(summary(list(done.values())))


if __name__ == "__main__":
    main()
