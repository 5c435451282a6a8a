"""Independent jobs side by side in threads: NumPy lets other threads run while it works."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from threadpoolctl import threadpool_limits

Job = TypeVar("Job")
Found = TypeVar("Found")
MOST = 8  # threads: each holds the work arrays of a batch, about 200 MB


def in_threads(
    work: Callable[[Job], Found],
    jobs: Sequence[Job],
    *,
    workers: int | None = None,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> list[Found]:
    """work(job) for every job, in their order; workers: threads (None: one a core), at most MOST.

    report: called here with (finished, all) after each job. Jobs must not share what they change. After an error or
    an interrupt nothing new begins.
    """
    count = min(len(jobs), workers or os.cpu_count() or 1, MOST)
    if count <= 1:  # here: an interrupt stops it at once, and its linear algebra may use all cores
        found = []
        for done, job in enumerate(jobs, start=1):
            found.append(work(job))
            report(done, len(jobs))
        return found
    pool = ThreadPoolExecutor(count)
    with threadpool_limits(1):  # threads of linear algebra inside threads only get in each other's way
        futures = [pool.submit(work, job) for job in jobs]
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                future.result()
                report(done, len(jobs))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return [future.result() for future in futures]
