"""Regret of the families that `interplay.recommend_models` names: python benchmarks/select_models.py [--splits 2].

Each task gives labelled rows of two modalities and unlabelled pairs to interplay, which sees no labelled pair; then all
families of the zoo are trained on labelled pairs and tested on others, HOLDS times, each with other rows held back.
Regret: accuracy of the best family in hindsight less that of the one chosen, on the test, means over those times.
"Advice": of the recommended families the one with the least loss on held-back rows; "first": the first recommended.
Compared with every fixed family, trained once. Needs the extra torch.
"""

import argparse
import json
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from scipy.stats import t as student
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import interplay as ip
import real_sets
from interplay.advice.families import FAMILIES
from interplay.advice.selection import Recommendation
from interplay.fusion import zoo
from real_sets import Task, load, split

HOLDS = 2  # trainings of each family, each with other rows held back
KINDS = ("redundant", "unique", "synergy", "mixed", "noisy views")


def tasks(seed: int) -> Iterator[tuple[str, partial]]:
    """Name and maker of synthetic sets of each kind of interaction, drawn anew for each seed, and of real ones."""
    for kind in KINDS:
        yield f"synthetic: {kind}", partial(synthetic, kind, seed)
    baseline = lambda c: np.where(c == "baseline", "baseline", "rest")  # noqa: E731
    yield "uci_mushroom: cap+gill", partial(load, "uci_mushroom", ("cap", "gill"))
    yield "wesad: ecg+emg", partial(load, "wesad", ("ecg", "emg"), positive=baseline)
    yield "crema_d_votes: voice+face", partial(load, "crema_d_votes", ("voice", "face"))
    yield "uci_mfeat_digits: fourier+zernike", partial(load, "uci_mfeat_digits", ("fourier", "zernike"))
    yield "cmu_mosi: text+audio", partial(load, "cmu_mosi", ("text", "audio"), rows=lambda a: a["split"] == 2)
    yield "wikipedia_image_text: image+text", partial(load, "wikipedia_image_text", ("image", "text"))


def synthetic(kind: str, seed: int, rows: int = 3000, data: Path | None = None) -> Task:
    """Five hidden features a modality and five shared ones, mixed at random into twelve; the label depends on some."""
    rng = np.random.default_rng([KINDS.index(kind), seed])
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


def advise(task: Task, seed: int) -> tuple[Recommendation, list[str]]:
    """The advice, and the modalities in the order of their accuracy; no labelled pair is seen."""
    s = split(task, seed)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    r = ip.quantify(
        labeled=s.labeled, pairs=s.pairs, groups=s.groups, seed=seed, workers=1, replicates=50,
        classifiers=dict.fromkeys(s.labeled, model),
    )  # fmt: skip
    return ip.recommend_models(r), sorted(s.pairs, key=lambda n: -r.unimodal[n].low)


def one(job: tuple[int, int, str, str]) -> dict:
    """Accuracy on the test, on held-back rows, and seconds of each family."""
    at, seed, data, device = job
    warnings.simplefilter("ignore")
    if device == "cpu":
        import torch  # noqa: PLC0415

        torch.set_num_threads(1)
    name, make = list(tasks(seed))[at]
    task = make(data=Path(data))
    s = split(task, seed)
    advice, names = advise(task, seed)
    groups = None if s.groups is None else s.groups["pairs"]
    scores = {}
    for family in FAMILIES:
        found = [
            zoo.train(
                family, {n: s.pairs[n] for n in names}, s.pair_labels, groups=groups, seed=seed * HOLDS + h,
                device=device,
            )
            for h in range(HOLDS)
        ]  # fmt: skip
        test = {n: s.test[n] for n in names}
        scores[family] = {
            "accuracy": [float((t.predict(test) == s.test_labels).mean()) for t in found],
            "validation": [t.validation for t in found],
            "validation loss": [t.validation_loss for t in found],
            "seconds": [t.seconds for t in found],
        }
    return {"set": name, "seed": seed, "recommended": list(advice.recommended), "scores": scores}


def regrets(row: dict) -> tuple[dict[str, float], dict[str, float]]:
    """Regret and training seconds of the advice, its first family, each fixed family, and all by validation."""
    scores, named = row["scores"], row["recommended"]
    reached = {f: float(np.mean(s["accuracy"])) for f, s in scores.items()}
    judged = {f: -float(np.mean(s["validation loss"])) for f, s in scores.items()}
    best = max(reached.values())
    chosen = {"advice": max(named, key=lambda f: judged[f]), "first": named[0]} | {f: f for f in scores}
    chosen["validate all"] = max(scores, key=lambda f: judged[f])
    once = {f: float(np.mean(s["seconds"])) for f, s in scores.items()}
    seconds = {w: once[f] for w, f in chosen.items()}
    seconds["advice"] = HOLDS * sum(once[f] for f in named)
    seconds["validate all"] = HOLDS * sum(once.values())
    return {w: best - reached[f] for w, f in chosen.items()}, seconds


def interval(values: np.ndarray) -> str:
    """Mean and 95% interval over runs, in points."""
    half = student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return f"{100 * values.mean():.2f} ± {100 * half:.2f}"


def summary(rows: list[dict]) -> str:
    """Mean regret in points, by way of choosing, how much more it is than that of the advice, training seconds."""
    both = [regrets(r) for r in rows]
    ways = sorted(both[0][0], key=lambda w: np.mean([b[0][w] for b in both]))
    lines = ["| way | mean regret, points | more than the advice | training, seconds a run |", "| --- " * 4 + "|"]
    for w in ways:
        values, more = (np.array([b[0][w] - less * b[0]["advice"] for b in both]) for less in (0, 1))
        seconds = np.mean([b[1][w] for b in both])
        lines.append(f"| {w} | {interval(values)} | {'' if w == 'advice' else interval(more)} | {seconds:.1f} |")
    lines += ["", "| set | runs | advice | " + " | ".join(FAMILIES) + " |", "| --- " * (3 + len(FAMILIES)) + "|"]
    for name in dict.fromkeys(r["set"] for r in rows):
        some = [b[0] for b, r in zip(both, rows, strict=True) if r["set"] == name]
        cells = [f"{100 * np.mean([s[w] for s in some]):.1f}" for w in ("advice", *FAMILIES)]
        lines.append(f"| {name} | {len(some)} | " + " | ".join(cells) + " |")
    for named in sorted({tuple(r["recommended"]) for r in rows}):
        sets = [f"{r['set']} ({r['seed']})" for r in rows if tuple(r["recommended"]) == named]
        lines.append(f"\nrecommended {', '.join(named)}: {'; '.join(sets)}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--splits", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--data", default=str(real_sets.DATA))
    parser.add_argument("--out", help="JSON file; what it holds is not trained again, only advised again")
    args = parser.parse_args()
    done = json.loads(Path(args.out).read_text()) if args.out and Path(args.out).exists() else {}
    count = len(list(tasks(0)))
    jobs = {f"{at}/{s}": (at, s, args.data, args.device) for s in range(args.splits) for at in range(count)}
    for key in jobs.keys() & done.keys():
        done[key]["recommended"] = again(jobs[key])
    with ProcessPoolExecutor(args.workers) as pool:
        todo = {k: j for k, j in jobs.items() if k not in done}
        for key, row in zip(todo, pool.map(one, todo.values()), strict=True):
            done[key] = row
            print(key, row["set"], row["recommended"], flush=True)
            if args.out:
                Path(args.out).write_text(json.dumps(done))
    print(summary([done[k] for k in jobs]))


def again(job: tuple[int, int, str, str]) -> list[str]:
    """What is recommended now, where the families were trained before."""
    at, seed, data, _ = job
    _, make = list(tasks(seed))[at]
    return list(advise(make(data=Path(data)), seed)[0].recommended)


if __name__ == "__main__":
    main()
