"""Many independent jobs over processes, their rows kept in a JSON file so that a run can be taken up again."""

import json
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np
from scipy.stats import t


def run_jobs(jobs: Iterable[tuple], work: Callable[..., dict], *, workers: int, out: Path) -> dict[str, dict]:
    """work(*job) -> row for every job that `out` does not hold yet; rows by the job's text."""
    done = json.loads(out.read_text()) if out.exists() else {}
    todo = [job for job in jobs if str(job) not in done]
    start = time.perf_counter()
    with ProcessPoolExecutor(workers) as pool:
        running = {pool.submit(work, *job): job for job in todo}
        for count, future in enumerate(as_completed(running), 1):
            done[str(running[future])] = future.result()
            _save(done, out)
            print(f"{count}/{len(todo)} {time.perf_counter() - start:.0f} s {running[future]}", flush=True)
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
