"""Errors: one line, and whole after crossing a process border."""

import pickle

import pytest

from interplay import errors


@pytest.mark.parametrize("kind", [errors.InputError, errors.MarginsError, errors.UnknownNameError, errors.FileError])
def test_errors_survive_the_way_from_a_worker(kind):
    error = kind("two rows", expected="three", next_step="add one")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (kind, "two rows; expected three. Next: add one.")
    assert (again.found, again.expected, again.next_step) == (error.found, error.expected, error.next_step)
