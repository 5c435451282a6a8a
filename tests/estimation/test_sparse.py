"""Tables that would be mostly empty are refused before anything is bounded."""

import pytest
from sklearn.linear_model import LogisticRegression

import interplay as ip
from interplay.errors import SparseError
from samplers import draw, noisy_views


def test_tables_that_would_be_mostly_empty_are_refused_with_the_numbers():
    drawn = draw(noisy_views(), 200, 0, test_rows=1)
    plain = {name: LogisticRegression() for name in drawn.labeled}
    with pytest.raises(SparseError, match=r"200 pairs for the 2500 cells.*at least 1250.*fewer codes"):
        ip.quantify(**drawn.arguments, classifiers=plain, codes=50)
