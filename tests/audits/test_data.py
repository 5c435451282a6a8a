"""A check of data finds what was planted, counts it, and says nothing about clean data."""

import numpy as np
import pandas as pd
import pytest

from interplay.audits.data import check_data
from interplay.errors import InterplayError
from interplay.quantification import quantify

ROWS = 600


def rows(seed, count=ROWS):
    """Two views of a coin, with labels."""
    rng = np.random.default_rng(seed)
    y = np.arange(count) % 2
    return y[:, None] + rng.normal(size=(count, 3)), y[:, None] + rng.normal(size=(count, 2)), y


@pytest.fixture
def data():
    first, _, y1 = rows(1)
    _, second, y2 = rows(2)
    a, b, _ = rows(3)
    return {"labeled": {"image": (first, y1), "text": (second, y2)}, "pairs": {"image": a, "text": b}}


def found(data, weight, **more):
    return [f"{f.where}: {f.what}" for f in check_data(**data, **more).of_weight(weight)]


def labeled(data, name, *, x=None, y=None):
    old_x, old_y = data["labeled"][name]
    data["labeled"][name] = (old_x if x is None else x, old_y if y is None else y)


def test_clean_data_are_clean(data):
    checkup = check_data(**data)
    assert checkup.usable
    assert not checkup.of_weight("error")
    assert not checkup.of_weight("warning")
    assert checkup.sizes["labeled image"] == (ROWS, 3)
    assert checkup.sizes["pairs text"] == (ROWS, 2)


def test_missing_values_are_counted(data):
    x = data["pairs"]["image"]
    x[5, 1] = x[7, 1] = np.nan
    x[7, 2] = np.inf
    (told,) = found(data, "error")
    assert told == (
        "pairs image: 3 missing or infinite values (1 infinite) in 2 of 600 rows (first: row 5), 2 of 3 columns (1, 2)"
    )


def plant_text(data):
    labeled(data, "text", x=pd.DataFrame({"a": ["red"] * ROWS}))


def plant_lengths(data):
    labeled(data, "text", y=data["labeled"]["text"][1][:-1])


def plant_pair_lengths(data):
    data["pairs"]["text"] = data["pairs"]["text"][1:]


def plant_widths(data):
    data["pairs"]["text"] = data["pairs"]["text"][:, :1]


def plant_class(data):
    labeled(data, "text", y=np.where(np.arange(ROWS) < 40, 7, data["labeled"]["text"][1]))


def plant_kind(data):
    labeled(data, "text", y=data["labeled"]["text"][1].astype(str))


def plant_single_class(data):
    for name in data["labeled"]:
        labeled(data, name, y=np.zeros(ROWS))


def plant_single_row(data):
    for name in data["labeled"]:
        labeled(data, name, y=np.where(np.arange(ROWS) == 3, 9, data["labeled"][name][1]))


def plant_identifier(data):
    for name in data["labeled"]:
        labeled(data, name, y=np.arange(ROWS))


def plant_constant(data):
    labeled(data, "text", x=np.ones((ROWS, 2)))


def plant_names(data):
    data["pairs"]["sound"] = data["pairs"].pop("text")


def plant_no_labels(data):
    data["labeled"]["text"] = data["labeled"]["text"][0]


def plant_nothing(data):
    data["pairs"] = {name: x[:0] for name, x in data["pairs"].items()}


ERRORS = {
    "text as features": (plant_text, "text: text holds values that are not numbers"),
    "lengths": (plant_lengths, "text: 600 rows and 599 labels"),
    "pair lengths": (plant_pair_lengths, "pairs: 600 rows of image and 599 rows of text"),
    "widths": (plant_widths, "text: 2 features where labelled and 1 in the pairs"),
    "class of one set": (plant_class, "image: no row of class 7"),
    "kinds of labels": (plant_kind, "labels: labels are text in one set and numbers in another"),
    "single class": (plant_single_class, "image: a single class, 0"),
    "single row": (plant_single_row, "image: class 9 with a single row"),
    "identifier": (plant_identifier, "image: 600 different labels in 600 rows"),
    "constant": (plant_constant, "text: no column varies"),
    "names": (plant_names, "modalities: labelled modalities ['image', 'text'], pairs of ['image', 'sound']"),
    "no labels": (plant_no_labels, "text: a ndarray instead of features and labels"),
    "no rows": (plant_nothing, "pairs image: no values, shape (0, 3)"),
}


@pytest.mark.parametrize("plant", ERRORS)
def test_what_cannot_be_computed_is_an_error_and_quantify_agrees(plant, data):
    spoil, sentence = ERRORS[plant]
    spoil(data)
    assert any(sentence in told for told in found(data, "error"))
    if plant != "constant":  # quantify drops columns that are constant where labelled and in the pairs together
        with pytest.raises(InterplayError, match="expected"):
            quantify(**data)


def test_all_problems_are_found_at_once(data):
    plant_text(data)
    data["pairs"]["image"][0, 0] = np.nan
    plant_pair_lengths(data)
    assert len(found(data, "error")) == 2
    assert check_data(**data).findings[0].weight == "error"


def test_shared_rows_are_counted(data):
    x = data["labeled"]["image"][0].copy()
    x[:17] = data["pairs"]["image"][100:117]
    labeled(data, "image", x=x)
    assert "image: 17 of 600 labelled rows are also among the pairs" in found(data, "warning")


def test_copies_are_counted_but_not_where_features_are_few_values(data):
    x = data["labeled"]["image"][0].copy()
    x[:10] = x[20:30]
    labeled(data, "image", x=x)
    assert "image: 10 of 600 rows are exact copies of others" in found(data, "warning")
    coarse = {n: (np.round(x), y) for n, (x, y) in data["labeled"].items()}
    pairs = {n: np.round(x) for n, x in data["pairs"].items()}
    assert not found({"labeled": coarse, "pairs": pairs}, "warning")


def test_a_column_that_is_the_label(data):
    x, y = data["labeled"]["image"]
    labeled(data, "image", x=np.column_stack([x, 3 - 2 * y]))
    data["pairs"]["image"] = np.column_stack([data["pairs"]["image"], 3 - 2 * rows(3)[2]])
    assert any("column 3 of the features tells the label without error" in w for w in found(data, "warning"))


def test_drift_is_seen_and_chance_is_not(data):
    data["pairs"]["text"] = data["pairs"]["text"] + [0.0, 0.8]
    (told,) = found(data, "warning")
    assert told.startswith("text: 1 of 2 columns are distributed otherwise than in the pairs (most: column 1,")


def test_another_mix_of_classes(data):
    keep = (data["labeled"]["text"][1] == 0) | (np.arange(ROWS) % 3 == 0)
    x, y = data["labeled"]["text"]
    labeled(data, "text", x=x[keep], y=y[keep])
    assert any("the mix of classes differs" in w for w in found(data, "warning"))


def test_sentinels_huge_values_and_odd_columns(data):
    x = data["labeled"]["image"][0].copy()
    x[:5, 0] = -999
    x[0, 1] = 1e15
    labeled(data, "image", x=np.column_stack([x, x[:, 2], np.ones(ROWS)]))
    data["pairs"]["image"] = np.column_stack([data["pairs"]["image"], data["pairs"]["image"][:, :2]])
    told = [*found(data, "warning"), *found(data, "note")]
    assert any("values as large as 1.0e+15" in w for w in told)
    assert any("1 of 5 columns are constant" in w for w in told)
    assert any("1 columns repeat another column" in w for w in told)


def test_a_value_that_stands_for_missing(data):
    x = data["labeled"]["image"][0].copy()
    x[:5, 0] = -999
    labeled(data, "image", x=x)
    assert any("5 values are -999, far from all others" in w for w in found(data, "warning"))


def test_rare_and_lopsided_classes(data):
    for name in data["labeled"]:
        labeled(data, name, y=(np.arange(ROWS) < 12).astype(int))
    told = found(data, "warning")
    assert any("class 1 with fewer than 20 rows (fewest: 12)" in w for w in told)
    assert any("class 0 holds 98.0% of the rows" in w for w in told)


def test_groups(data):
    one = {"image": np.zeros(ROWS), "text": np.arange(ROWS) // 2, "pairs": np.arange(ROWS)}
    assert any("image: a single group" in w for w in found(data, "error", groups=one))
    own = {n: [f"{n}{i}" for i in range(ROWS)] for n in ("image", "text", "pairs")}
    assert any("every group has one row" in w for w in found(data, "note", groups=own))
    lone = dict.fromkeys(("image", "text", "pairs"), np.where(np.arange(ROWS) < 400, 0, np.arange(ROWS)))
    assert any("group 0 holds 67% of the rows" in w for w in found(data, "warning", groups=lone))
    assert any("groups that occur in every set" in w for w in found(data, "note", groups=lone))
    short = {**own, "pairs": own["pairs"][1:], "image": [None] * ROWS}
    told = found(data, "error", groups=short)
    assert any("pairs: 599 groups for 600 rows" in w for w in told)
    assert any("groups of 'image' has 600 missing" in w for w in told)


@pytest.mark.parametrize(("count", "weight"), [(3, "error"), (30, "warning"), (200, "note"), (2000, "note")])
def test_size_advice(count, weight):
    sets = [rows(seed, count) for seed in (1, 2, 3)]
    data = {
        "labeled": {"image": (sets[0][0], sets[0][2]), "text": (sets[1][1], sets[1][2])},
        "pairs": {"image": sets[2][0], "text": sets[2][1]},
    }
    assert any(told.startswith("size: the smallest set") for told in found(data, weight))
