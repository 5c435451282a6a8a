"""Threads change neither the order nor the answers, and stop at the first error."""

import threading
import time

import pytest

from interplay.parallel import MOST, in_threads


@pytest.mark.parametrize("workers", [None, 1, 2, 50])
@pytest.mark.parametrize("count", [0, 1, 7])
def test_answers_are_in_the_order_of_the_jobs(workers, count):
    reports = []

    def slow_first(job):
        time.sleep(0.02 if job == 0 else 0)
        return job * job

    found = in_threads(slow_first, range(count), workers=workers, report=lambda *done: reports.append(done))
    assert found == [job * job for job in range(count)]
    assert reports == [(at, count) for at in range(1, count + 1)]


@pytest.mark.parametrize(("workers", "at_once"), [(1, 1), (3, 3), (99, MOST)])
def test_no_more_threads_than_asked_for(workers, at_once):
    busy, most, lock = set(), [0], threading.Lock()

    def work(_):
        with lock:
            busy.add(threading.get_ident())
            most[0] = max(most[0], len(busy))
        time.sleep(0.01)
        with lock:
            busy.discard(threading.get_ident())

    in_threads(work, range(30), workers=workers)
    assert most[0] <= at_once


def test_after_an_error_nothing_new_begins():
    begun = []

    def work(job):
        begun.append(job)
        if job == 0:
            raise ValueError("job 0")
        time.sleep(0.02)

    with pytest.raises(ValueError, match="job 0"):
        in_threads(work, range(200), workers=2)
    assert len(begun) < 50


def test_work_runs_beside_the_caller():
    here = threading.get_ident()
    assert here not in in_threads(lambda _: threading.get_ident(), [1, 2], workers=2)
