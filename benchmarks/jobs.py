"""Many independent jobs over processes, their rows kept in a JSON file so that a run can be taken up again."""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path

import numpy as np
from scipy.stats import t

from real_sets import DATA, all_pairs


def run_pairs(text: str, work: Callable[..., dict], *, replicates: int, out: str) -> list[dict]:
    """work(file, two modalities, seed, replicates, data=folder) for every pair of the sets and every split.

    text: help of the command, whose arguments are read here. replicates, out: defaults.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the processes are the parallel part
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--replicates", type=int, default=replicates, help="of the bootstrap, for the intervals")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path(out), help="taken up again if it exists")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--sets", nargs="*", default=None)
    args = parser.parse_args()
    wanted = [p for p in all_pairs() if args.sets is None or p[0] in args.sets]
    jobs = [(file, two, seed, args.replicates) for seed in range(args.splits) for file, two in wanted]
    done = run_jobs(jobs, partial(work, data=args.data), workers=args.workers, out=args.out)
    return [{**done[str(job)], "seed": job[2]} for job in jobs]


def run_jobs(jobs: Iterable[tuple], work: Callable[..., dict], *, workers: int, out: Path) -> dict[str, dict]:
    """work(*job) -> row for every job that `out` does not hold yet; rows by the job's text.

    A job that fails does not take the others with it; the first failure is raised at the end.
    """
    done = json.loads(out.read_text()) if out.exists() else {}
    todo = [job for job in jobs if str(job) not in done]
    start, failed = time.perf_counter(), []
    with ProcessPoolExecutor(workers) as pool:
        running = {pool.submit(work, *job): job for job in todo}
        for count, future in enumerate(as_completed(running), 1):
            if (error := future.exception()) is not None:
                failed.append(error)
            else:
                done[str(running[future])] = future.result()
                _save(done, out)
            said = "" if error is None else f" failed: {error!r}"
            print(f"{count}/{len(todo)} {time.perf_counter() - start:.0f} s {running[future]}{said}", flush=True)
    if failed:
        raise failed[0]
    return done


def _save(rows: dict, out: Path) -> None:
    half = out.with_suffix(".part")
    half.write_text(json.dumps(rows, indent=1))
    os.replace(half, out)


def spread(values) -> str:
    """Mean and 95% interval over splits."""
    v = np.asarray(values, dtype=float)
    if len(v) < 2:
        return f"{v.mean():.3f}"
    half = t.ppf(0.975, len(v) - 1) * v.std(ddof=1) / np.sqrt(len(v))
    return f"{v.mean():.3f} ± {half:.3f}"
