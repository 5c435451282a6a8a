"""Ours and the peers on the same seeded problems, side by side in one run: time, error, failures, memory."""

import multiprocessing
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from families import batch
from peers import MAXENT, UNION, Array, Peer, ipfn_until

from interplay.solvers.maxent import maximum_entropy, maximum_entropy_many
from interplay.solvers.union import union_information, union_information_many

FAMILIES = ("uniform", "sparse", "empirical", "gate")
SIZES = [(2, 2, 2), (3, 3, 3), (10, 10, 2), (20, 20, 2), (20, 20, 10), (50, 50, 5), (100, 100, 2), (100, 100, 10)]
WRONG = 1e-3  # bits: an answer this far from the certified optimum is a failure
LARGEST = {"dit": 20, "ECOS": 90_000}  # joint cells up to which a peer is asked at all: minutes beyond


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A title, what we do, what the peers do, and the tables of a joint that both need."""

    title: str
    ours: Callable[..., float]
    peers: dict[str, Peer]
    tables: Callable[[Array], tuple[Array, ...]]
    goals: dict[tuple[tuple[int, ...], str], float]  # (size, family) -> ratio against the best peer


UNION_PROBLEM = Problem(
    title="Union information",
    ours=lambda p1, p2: union_information(p1, p2).value,
    peers=UNION,
    tables=lambda p: (p.sum(axis=1), p.sum(axis=0)),
    goals={
        ((2, 2, 2), "uniform"): 3,
        ((20, 20, 2), "uniform"): 20,
        ((100, 100, 2), "uniform"): 500,
        ((20, 20, 10), "uniform"): 20,
        ((50, 50, 5), "uniform"): 20,
        ((100, 100, 10), "uniform"): 25,
    },
)
MAXENT_PROBLEM = Problem(
    title="Maximum entropy",
    ours=lambda p12, p1, p2: maximum_entropy(p12, p1, p2).entropy,
    peers=MAXENT,
    tables=lambda p: (p.sum(axis=2), p.sum(axis=1), p.sum(axis=0)),
    goals={
        ((20, 20, 2), "empirical"): 100,
        ((50, 50, 5), "empirical"): 100,
        **{(size, family): 1 for size in SIZES[1:] for family in FAMILIES if family != "empirical"},
    },
)


def words(size: tuple[int, ...]) -> str:
    return "x".join(map(str, size))


def clock(solve: Callable[[], object], *, least: float = 0.01) -> tuple[float, object]:
    """Processor seconds of one call, and its answer: the shortest of at least three, unless they take seconds.

    Calls shorter than `least` are repeated up to 25 times. The shortest, because a busy machine only adds.
    """
    begin = time.process_time()
    answer = solve()
    seconds = [time.process_time() - begin]
    while (sum(seconds) < least and len(seconds) < 25) or (len(seconds) < 3 and sum(seconds) < 2.0):
        begin = time.process_time()
        solve()
        seconds.append(time.process_time() - begin)
    return min(seconds), answer


def of_peer(peer: Peer, problems: list[tuple[Array, ...]], patience: float) -> tuple[list[float], list[float]]:
    """Seconds and values (nan where it failed); stops early when out of patience."""
    seconds, values = [], []
    for problem in problems:
        solve, read = peer(*problem)
        begin = time.process_time()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                took, answer = clock(solve)
                values.append(read(answer))
        except Exception:  # noqa: BLE001  whatever a peer raises is its failure
            took = time.process_time() - begin
            values.append(np.nan)
        seconds.append(took)
        if sum(seconds) > patience:
            break
    return seconds, values


def available(peers: dict[str, Peer], tables: tuple[Array, ...]) -> dict[str, Peer]:
    """The peers that are installed; says which are not."""
    kept = {}
    for name, peer in peers.items():
        try:
            peer(*tables)
            kept[name] = peer
        except ImportError as error:
            print(f"Skipped: {name} ({error}).")
    return kept


def singles(problem: Problem, *, sizes: list[tuple[int, int, int]], patience: float) -> list[str]:
    """Print a table of single problems; the goals that were met or missed."""
    print(f"\n### {problem.title}: one problem\n")
    peers = available(problem.peers, problem.tables(batch("uniform", (2, 2, 2), 1)[0]))
    print(f"| size | family | interplay | {' | '.join(f'{n}: time, ratio, error, failed' for n in peers)} |")
    print(f"|{' --- |' * (3 + len(peers))}")
    verdicts = []
    for shape in sizes:
        count = (
            1 if np.prod(shape) >= 100_000 else 2 if np.prod(shape) >= 10_000 else 3 if np.prod(shape) > 1_000 else 15
        )
        for family in FAMILIES if np.prod(shape) < 10_000 else ("uniform", "empirical"):
            problems = [problem.tables(p) for p in batch(family, shape, count, seed=11)]
            problem.ours(*problems[0])
            mine = [clock(lambda p=p: problem.ours(*p)) for p in problems]
            own, exact = float(np.median([m[0] for m in mine])), np.array([m[1] for m in mine])
            cells, ratios = [], []
            for name, peer in peers.items():
                if np.prod(shape) > LARGEST.get(name, np.inf):
                    cells.append("not asked")
                    continue
                took, values = of_peer(peer, problems[: 3 if name == "dit" else None], patience)
                error = np.abs(np.array(values) - exact[: len(values)])
                failed = int((~(error < WRONG)).sum())
                ratio = float(np.median(took)) / own
                if failed < len(values):
                    ratios.append(ratio)
                worst = np.max(error[np.isfinite(error)], initial=0.0)
                cells.append(f"{time_words(float(np.median(took)))}, {ratio:.3g}x, {worst:.0e}, {failed}/{len(values)}")
            print(f"| {words(shape)} | {family} | {time_words(own)} | {' | '.join(cells)} |", flush=True)
            goal = problem.goals.get((shape, family))
            if goal and ratios:
                verdicts.append(
                    f"{problem.title}, {words(shape)} {family}: {min(ratios):.3g}x the best peer, goal {goal}x: "
                    f"{'met' if min(ratios) >= goal else 'MISSED'}"
                )
    return verdicts


def to_our_accuracy(*, patience: float) -> list[str]:
    """Print how long ipfn takes to what our answers are certified for, or how far it gets in `patience` seconds."""
    print("\n### Maximum entropy: ipfn run on to 1e-9 bits\n")
    print("| size | family | tables | interplay | ipfn: time, ratio | sweeps | reached | worst error, margin |")
    print(f"|{' --- |' * 8}")
    verdicts = []
    for shape, count in (((20, 20, 2), 15), ((50, 50, 5), 2)):
        for family in ("uniform", "sparse", "empirical"):
            took, own, sweeps, errors, offs = [], [], [], [], []
            for tables in map(MAXENT_PROBLEM.tables, batch(family, shape, count, seed=11)):
                mine, exact = clock(lambda tables=tables: MAXENT_PROBLEM.ours(*tables))
                try:
                    found = ipfn_until(*tables, exact, accuracy=1e-9, patience=patience)
                except ImportError as error:
                    return [f"Skipped: ipfn ({error})."]
                own.append(mine)
                for kept, value in zip((took, sweeps, errors, offs), found, strict=True):
                    kept.append(value)
            reached = sum(max(e, o) <= 1e-9 for e, o in zip(errors, offs, strict=True))
            ratio = float(np.median(took)) / float(np.median(own))
            print(
                f"| {words(shape)} | {family} | {count} | {time_words(float(np.median(own)))} "
                f"| {time_words(float(np.median(took)))}, {ratio:.3g}x | {int(np.median(sweeps))} | {reached}/{count} "
                f"| {max(errors):.0e}, {max(offs):.0e} |",
                flush=True,
            )
            goal = MAXENT_PROBLEM.goals.get((shape, family))
            if goal:
                verdicts.append(
                    f"Maximum entropy to 1e-9 bits, {words(shape)} {family}: {ratio:.3g}x ipfn, which reached it in "
                    f"{reached} of {count}, goal {goal}x: {'met' if ratio >= goal else 'MISSED'}"
                )
    return verdicts


def time_words(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def batches(*, quick: bool) -> list[str]:
    """Print a table of batches; peers solve a sample one by one, and their time is multiplied."""
    print("\n### Batches\n\n| batch | problem | interplay | largest gap | peers, from a sample |\n|" + " --- |" * 5)
    verdicts = []
    goals = {((2, 2, 2), "ECOS"): 100, ((3, 3, 3), "ECOS"): 15, ((2, 2, 2), "dit"): 10_000}
    for shape, count in (((2, 2, 2), 100_000), ((3, 3, 3), 10_000 if quick else 100_000), ((6, 6, 2), 1_000)):
        p = batch("uniform", shape, count, seed=12)
        p12, p1, p2 = p.sum(axis=3), p.sum(axis=2), p.sum(axis=1)
        for name, many, parts, peers in (
            ("union", union_information_many, (p1, p2), UNION),
            ("max-ent", maximum_entropy_many, (p12, p1, p2), MAXENT),
        ):
            many(*(part[:10] for part in parts))
            took, found = clock(lambda many=many, parts=parts: many(*parts), least=1.0)
            cells = []
            for peer_name, peer in available(peers, tuple(t[0] for t in parts)).items():
                if np.prod(shape) > LARGEST.get(peer_name, np.inf):
                    continue
                sample = range(3 if peer_name == "dit" else 100)
                seconds = [of_peer(peer, [tuple(t[i] for t in parts)], 60.0)[0][0] for i in sample]
                ratio = float(np.mean(seconds)) * count / took
                cells.append(f"{peer_name} {float(np.mean(seconds)) * count:.3g} s, {ratio:.3g}x")
                goal = goals.get((shape, peer_name)) if name == "union" else None
                if goal:
                    verdicts.append(
                        f"Union information, {count} of {words(shape)}: {ratio:.3g}x {peer_name}, goal {goal}x: "
                        f"{'met' if ratio >= goal else 'MISSED'}"
                    )
            gap = float(found.gap.max())
            print(f"| {count} of {words(shape)} | {name} | {took:.3g} s | {gap:.0e} | {'; '.join(cells)} |", flush=True)
    return verdicts


def peak_memory(solve: Callable[[], object]) -> float:
    """MB that a call needs above what its process held, in a fresh child; nan where /proc is missing."""
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()

    def child() -> None:
        try:
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")  # restart the high-water mark
            before = resident("VmRSS")
            solve()
            queue.put(resident("VmHWM") - before)
        except Exception:  # noqa: BLE001  no figure
            queue.put(float("nan"))

    process = context.Process(target=child)
    process.start()
    found = queue.get()
    process.join()
    return float(found)


def resident(field: str) -> float:
    with open("/proc/self/status") as file:
        return next(float(line.split()[1]) / 1024 for line in file if line.startswith(field + ":"))


def memory(*, quick: bool) -> None:
    """Print peak memory of single problems, uniform family."""
    names = ["interplay", "ECOS", "Clarabel", "ipfn"]
    print(f"\n### Peak memory of one problem, MB above the idle process\n\n| size | problem | {' | '.join(names)} |")
    print(f"|{' --- |' * (2 + len(names))}")
    for shape in [(20, 20, 2), (20, 20, 10), (50, 50, 5), *([] if quick else [(100, 100, 10)])]:
        for problem in (UNION_PROBLEM, MAXENT_PROBLEM):
            tables = problem.tables(batch("uniform", shape, 1, seed=11)[0])
            figures = [f"{peak_memory(lambda p=problem, t=tables: p.ours(*t)):.0f}"]
            for name in names[1:]:
                try:
                    solve, _ = problem.peers[name](*tables)
                    figures.append(f"{peak_memory(solve):.0f}")
                except (KeyError, ImportError):
                    figures.append("")
            print(f"| {words(shape)} | {problem.title.lower()} | {' | '.join(figures)} |", flush=True)
