"""Requirements read paths and compare numbers; what cannot be read is refused in one line."""

import pytest

from interplay.errors import InputError, UnknownNameError
from interplay.report.requirements import require
from report.documents import document

TWIN = document(("image", 'a.b "c"')) | {"empty": None, "odd": {"<i>": {"low": 0.5}, "a >= 1": {"low": 2}}}


@pytest.mark.parametrize(
    ("statement", "holds"),
    [
        ("accuracy.low >= 0.929", True),
        ("accuracy.low>=0.93", False),
        ("accuracy.ci[0] < accuracy.low", True),
        ("accuracy.ci.low < accuracy.ci.high", True),
        ("guarantee.ci.low > unimodal.image.low", True),
        ("""unique['a.b "c"'].low == 0.241""", True),
        ("unique.image.low != 0.062", False),
        ("warnings.count <= 1", True),
        ("pairs[0].accuracy.high < 1e0", True),
        ("0.5 < majority", True),
        ("accuracy.p_value >= 0", False),  # not given
        ("empty != 1", False),
        ("odd['<i>'].low < 1", True),
        ("""odd["a >= 1"].low >= odd['<i>'].low""", True),
    ],
)
def test_statements(statement, holds):
    found = require(TWIN, statement)
    assert found.holds is holds
    assert ("holds" in str(found)) is holds


@pytest.mark.parametrize("statement", ["", "accuracy.low", ">= 0.5", "accuracy.low >=", "accuracy.low = 3"])
def test_unreadable_statements(statement):
    with pytest.raises((InputError, UnknownNameError), match="write for example"):
        require(TWIN, statement)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("acuracy.low > 0", "no 'acuracy.low'; expected names among schema"),
        ("accuracy.lowest > 0", "expected names among low, high"),
        ("accuracy.ci.middle > 0", "no 'accuracy.ci.middle'"),
        ("accuracy.ci[5] > 0", r"no 'accuracy.ci\[5\]'"),
        ("accuracy..low > 0", r"no 'accuracy..low'"),
        ("accuracy.low.low > 0", "no 'accuracy.low.low'"),
    ],
)
def test_paths_that_lead_nowhere_name_what_is_there(statement, words):
    with pytest.raises(UnknownNameError, match=words):
        require(TWIN, statement)


@pytest.mark.parametrize("statement", ["accuracy > 0.5", "verdict > 0", "warnings > 0"])
def test_only_numbers_are_compared(statement):
    with pytest.raises(InputError, match="a number"):
        require(TWIN, statement)
