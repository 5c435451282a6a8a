"""Tables that would be mostly empty are refused before anything is bounded."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import interplay as ip
from interplay.errors import InputError, SparseError
from samplers import draw, noisy_views


def test_tables_that_would_be_mostly_empty_are_refused_with_the_numbers():
    drawn = draw(noisy_views(), 200, 0, test_rows=1)
    plain = {name: LogisticRegression() for name in drawn.labeled}
    with pytest.raises(SparseError, match=r"200 pairs for the 2500 cells.*at least 1250.*fewer codes"):
        ip.quantify(**drawn.arguments, classifiers=plain, codes=50)


def test_many_classes_are_refused_before_anything_is_fitted():
    """Each class needs a code, so fewer codes cannot be the advice, and nobody has to wait for it."""
    rng = np.random.default_rng(0)
    y = np.arange(600) % 50
    x = rng.normal(size=(600, 50))
    began = []
    with pytest.raises(SparseError, match=r"600 pairs for the 2500 cells.*merge some of the 50 classes"):
        ip.quantify(
            labeled={"image": (x, y), "text": (x, y)},
            pairs={"image": x, "text": x},
            codes=8,
            progress=lambda *told: began.append(told),
        )
    assert began == []


@pytest.mark.parametrize(
    ("classes", "codes", "advice"),
    [
        (50, "auto", r"50 classes and 50 codes.*merge classes into at most 25"),
        (8, 96, r"8 classes and 96 codes.*fewer"),
    ],
)
def test_tables_that_would_take_hours_are_refused_before_anything_is_fitted(classes, codes, advice):
    rng = np.random.default_rng(0)
    rows = 5000
    y = np.arange(rows) % classes
    x = rng.normal(size=(rows, 2))
    began = []
    with pytest.raises(InputError, match=advice):
        ip.quantify(
            labeled={"image": (x, y), "text": (x, y)},
            pairs={"image": x, "text": x},
            codes=codes,
            progress=lambda *told: began.append(told),
        )
    assert began == []
