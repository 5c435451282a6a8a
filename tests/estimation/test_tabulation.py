"""Codes counted by hand, in one pass, and refused with the name of the set."""

import numpy as np
import pytest

from interplay.errors import InputError, ShapeError, UnknownNameError
from interplay.estimation.tabulation import tables_from_codes

LABELED = {"image": ([0, 1, 1, 2], ["a", "b", "b", "a"]), "text": ([1, 0, 1], ["a", "a", "b"])}
PAIRS = {"image": [0, 0, 2], "text": [0, 1, 1]}


def test_counts_by_hand():
    t = tables_from_codes(labeled=LABELED, pairs=PAIRS, codebook="c1")
    assert t.pairs.tolist() == [[1, 1], [0, 0], [0, 1]]
    assert t.first.tolist() == [[1, 0], [0, 2], [1, 0]]
    assert t.second.tolist() == [[1, 0], [1, 1]]
    assert (t.names, t.classes, t.codebook, t.counts) == (("image", "text"), ("a", "b"), "c1", True)


def test_parts_add_up_to_the_whole():
    """Counting is linear: two sites' tables add to the table of their rows."""
    rng = np.random.default_rng(0)
    x, z, y = rng.integers(3, size=400), rng.integers(4, size=400), rng.integers(2, size=400)

    def count(rows):
        return tables_from_codes(
            labeled={"a": (x[rows], y[rows]), "b": (z[rows], y[rows])}, pairs={"a": x[rows], "b": z[rows]}
        )

    both, whole = count(slice(0, 150)) + count(slice(150, 400)), count(slice(0, 400))
    assert both.to_dict() == whole.to_dict()


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"pairs": {"image": [0, 0], "text": [0, 1, 1]}}, ShapeError, "2 and 3 paired codes"),
        ({"pairs": {"image": [0, 0, 2], "audio": [0, 1, 1]}}, UnknownNameError, "audio"),
        ({"pairs": {"image": [0, 0, -1], "text": [0, 1, 1]}}, InputError, "paired codes of 'image'"),
        ({"pairs": {"image": [0, 0, 5000], "text": [0, 1, 1]}}, InputError, "from 0 to 999"),
        ({"pairs": {"image": ["x", "y", "z"], "text": [0, 1, 1]}}, InputError, "of type"),
        ({"pairs": {"image": [], "text": []}}, InputError, "none at all|of type"),
        ({"labeled": {**LABELED, "text": ([1, 0], ["a", "a", "b"])}}, ShapeError, "2 codes and 3 labels of 'text'"),
    ],
)
def test_what_cannot_be_counted(change, error, match):
    with pytest.raises(error, match=match):
        tables_from_codes(**{"labeled": LABELED, "pairs": PAIRS} | change)
