"""Samples: everything a user can pass wrongly is refused in one line that names the set."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from interplay.errors import FileError, InputError, InterplayError, ShapeError, UnknownNameError
from interplay.samples import make_samples

RNG = np.random.default_rng(0)
IMAGE, TEXT = RNG.normal(size=(12, 3)), RNG.normal(size=(10, 2))
IMAGE_Y, TEXT_Y = np.arange(12) % 2, np.arange(10) % 2
PAIRS = {"image": RNG.normal(size=(7, 3)), "text": RNG.normal(size=(7, 2))}


def make(*, image=IMAGE, image_y=IMAGE_Y, text=TEXT, text_y=TEXT_Y, pairs=PAIRS, **options):
    return make_samples(labeled={"image": (image, image_y), "text": (text, text_y)}, pairs=pairs, **options)


def with_value(array, row, column, value):
    changed = np.array(array, dtype=float)
    changed[row, column] = value
    return changed


# what is kept


def test_good_input_arrives():
    s = make()
    assert s.names == ("image", "text")
    assert s.classes.tolist() == [0, 1]
    assert s.pair_count == 7
    assert np.array_equal(s.labeled["image"].features, IMAGE)
    assert np.array_equal(s.labeled["text"].labels, TEXT_Y)
    assert s.warnings == ()
    assert s.pair_groups is None
    assert s.pair_weights is None


def test_labels_become_positions_among_the_classes():
    s = make(image_y=np.where(IMAGE_Y, "sick", "healthy"), text_y=np.where(TEXT_Y, "sick", "healthy").astype(object))
    assert s.classes.tolist() == ["healthy", "sick"]
    assert np.array_equal(s.labeled["image"].labels, IMAGE_Y)
    assert np.array_equal(s.labeled["text"].labels, TEXT_Y)


def test_integers_and_floats_are_one_kind_of_label():
    assert make(image_y=IMAGE_Y.astype(float)).classes.tolist() == [0, 1]


def test_three_modalities_in_the_users_order():
    labeled = {"text": (TEXT, TEXT_Y), "image": (IMAGE, IMAGE_Y), "audio": (IMAGE[:, :1], IMAGE_Y)}
    s = make_samples(labeled=labeled, pairs={"audio": np.arange(7.0), **PAIRS})
    assert s.names == ("text", "image", "audio")


def test_frames_files_and_list_columns(tmp_path):
    np.savez(tmp_path / "image.npz", x=IMAGE)
    pq.write_table(pa.table({"text": pa.array(PAIRS["text"].tolist())}), tmp_path / "text.parquet")
    s = make(
        image=tmp_path / "image.npz",
        text=pd.DataFrame(TEXT, columns=["a", "b"]),
        pairs={"image": PAIRS["image"].tolist(), "text": tmp_path / "text.parquet"},
    )
    assert np.array_equal(s.labeled["image"].features, IMAGE)
    assert np.array_equal(s.labeled["text"].features, TEXT)
    assert np.array_equal(s.pairs["text"], PAIRS["text"])


def test_constant_and_duplicate_columns_are_dropped_with_a_sentence():
    wide = np.column_stack([np.full(12, 3.0), IMAGE[:, 0], IMAGE[:, 0], IMAGE[:, 1]])
    pair = np.column_stack([np.full(7, 3.0), PAIRS["image"][:, 0], PAIRS["image"][:, 0], PAIRS["image"][:, 1]])
    s = make(image=wide, pairs=PAIRS | {"image": pair})
    assert s.kept["image"].tolist() == [1, 3]
    assert s.warnings == ("image: dropped 1 constant and 1 duplicate columns.",)
    assert s.labeled["image"].features.shape == (12, 2)
    assert np.array_equal(s.select("image", wide), wide[:, [1, 3]])


def test_a_column_constant_in_one_set_only_is_kept():
    s = make(image=with_value(IMAGE, slice(None), 0, 1.0))
    assert s.kept["image"].tolist() == [0, 1, 2]


def test_equal_but_for_the_sign_of_zero_is_a_duplicate():
    image = np.column_stack([IMAGE_Y * 1.0, np.where(IMAGE_Y, 1.0, -0.0)])
    s = make(image=image, pairs=PAIRS | {"image": np.zeros((7, 2))})
    assert s.kept["image"].tolist() == [0]


def test_float32_in_one_set_and_float64_in_another():
    s = make(image=IMAGE.astype(np.float32))
    assert s.pairs["image"].shape == (7, 3)


def test_groups_and_weights_by_either_spelling():
    groups = {"image": ["p"] * 12, "text": np.arange(10), "pairs": np.arange(7)}
    nested = {"labeled": {"image": groups["image"], "text": groups["text"]}, "pairs": groups["pairs"]}
    for spelled in (groups, nested):
        s = make(groups=spelled, sample_weight={"pairs": np.ones(7), "text": None})
        assert s.labeled["image"].groups.tolist() == ["p"] * 12
        assert s.pair_groups.tolist() == list(range(7))
        assert s.pair_weights.sum() == 7
        assert s.labeled["text"].weights is None


# what is refused


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_not_finite_name_the_set_and_the_row(bad):
    with pytest.raises(InputError, match=r"the labelled features of 'image' holds .* in row 4, column 1"):
        make(image=with_value(IMAGE, 4, 1, bad))
    with pytest.raises(InputError, match=r"the pairs of 'text' holds .* in row 6, column 0"):
        make(pairs=PAIRS | {"text": with_value(PAIRS["text"], 6, 0, bad)})


def test_missing_labels():
    with pytest.raises(InputError, match="the labels of 'text' has 1 missing"):
        make(text_y=with_value(TEXT_Y[:, None], 3, 0, np.nan))


CASES = {
    "rows and labels": ({"image_y": IMAGE_Y[:-1]}, ShapeError, "'image' has 12 rows and 11 labels"),
    "pairs of other lengths": (
        {"pairs": PAIRS | {"text": PAIRS["text"][:5]}},
        ShapeError,
        "pairs with 7 rows of 'image' and 5 rows of 'text'; expected row i of every modality",
    ),
    "no pairs": ({"pairs": {"image": np.empty((0, 3)), "text": np.empty((0, 2))}}, InputError, "no pairs; expected"),
    "a class in one set only": (
        {"text_y": np.where(TEXT_Y, 2, 0)},
        InputError,
        r"class (1|2) has no labelled row of '(text|image)'; expected every class in every labelled set",
    ),
    "a single class": (
        {"image_y": np.zeros(12, int), "text_y": np.zeros(10, int)},
        InputError,
        "a single class, 0; expected at least two",
    ),
    "a single class in one set": (
        {"image_y": np.zeros(12, int)},
        InputError,
        "class 1 has no labelled row of 'image'",
    ),
    "text and numbers": (
        {"image_y": IMAGE_Y.astype(str)},
        InputError,
        "labels that are text in one set and numbers in another",
    ),
    "fewer rows than folds": (
        {"folds": 6},
        InputError,
        "class 0 has 5 labelled rows of 'text'; expected at least 6, one a fold",
    ),
    "one-hot labels": ({"image_y": np.eye(12)}, ShapeError, r"the labels of 'image' has shape \(12, 12\)"),
    "continuous labels": ({"image_y": np.linspace(0, 1, 12)}, InputError, "holds fractions such as"),
    "other columns": (
        {"pairs": PAIRS | {"image": PAIRS["image"][:, :2]}},
        ShapeError,
        "'image' has 3 features where labelled and 2 in the pairs; expected the same columns",
    ),
    "no column that varies": (
        {"text": np.ones((10, 2)), "pairs": PAIRS | {"text": np.ones((7, 2))}},
        InputError,
        "'text' has no column that varies",
    ),
    "text as features": (
        {"text": np.full((10, 2), "word")},
        InputError,
        "the labelled features of 'text' holds values that are not numbers",
    ),
    "pairs that are no dict": ({"pairs": (IMAGE, TEXT)}, InputError, "pairs of type tuple; expected a dict"),
    "an unknown modality among the pairs": (
        {"pairs": {"image": PAIRS["image"], "sound": PAIRS["text"]}},
        UnknownNameError,
        r"labeled has modalities \['image', 'text'\] and pairs \['image', 'sound'\]",
    ),
    "a modality without pairs": ({"pairs": {"image": PAIRS["image"]}}, UnknownNameError, "expected the same two"),
    "groups of an unknown modality": (
        {"groups": {"sound": [1]}},
        UnknownNameError,
        r"groups for 'sound'; expected keys among \['image', 'text', 'pairs'\]",
    ),
    "groups that are no dict": ({"groups": [1, 2]}, InputError, "groups of type list; expected a dict"),
    "groups of another length": (
        {"groups": {"image": [1, 2]}},
        ShapeError,
        r"groups of 'image' of shape \(2,\); expected \(12,\)",
    ),
    "groups that are nested wrongly": ({"groups": {"labeled": [1, 2]}}, InputError, "groups"),
    "weights of another length": (
        {"sample_weight": {"pairs": np.ones(6)}},
        ShapeError,
        r"sample_weight of 'pairs' of shape \(6,\); expected \(7,\)",
    ),
    "negative weights": (
        {"sample_weight": {"pairs": -np.ones(7)}},
        InputError,
        "sample_weight of 'pairs' with negative or only zero weights",
    ),
    "missing weights": (
        {"sample_weight": {"text": np.full(10, np.nan)}},
        InputError,
        "'text' holds nan in row 0",
    ),
    "zero weights": ({"sample_weight": {"text": np.zeros(10)}}, InputError, "only zero weights"),
    "weights in two columns": (
        {"sample_weight": {"pairs": np.ones((7, 2))}},
        InputError,
        "sample_weight of 'pairs'",
    ),
    "weights that are words": ({"sample_weight": {"text": ["much"] * 10}}, InputError, "sample_weight of 'text'"),
    "missing groups": ({"groups": {"text": [None, *range(9)]}}, InputError, "groups of 'text'"),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_input(name):
    changed, kind, words = CASES[name]
    with pytest.raises(kind, match=words) as caught:
        make(**changed)
    assert isinstance(caught.value, InterplayError)
    assert "\n" not in str(caught.value)
    assert "Next: " in str(caught.value)


@pytest.mark.parametrize("value", [IMAGE, (IMAGE,), (IMAGE, IMAGE_Y, 3), "file.csv", None])
def test_a_labelled_set_that_is_no_pair(value):
    with pytest.raises(InputError, match=r"labeled\['image'\] of type .*; expected a pair \(features, labels\)"):
        make_samples(labeled={"image": value, "text": (TEXT, TEXT_Y)}, pairs=PAIRS)


def test_labeled_that_is_no_dict():
    with pytest.raises(InputError, match="labeled of type list; expected a dict keyed by modality name"):
        make_samples(labeled=[(IMAGE, IMAGE_Y)], pairs=PAIRS)


def test_one_modality_is_too_few():
    with pytest.raises(UnknownNameError, match="expected the same two or more modalities"):
        make_samples(labeled={"image": (IMAGE, IMAGE_Y)}, pairs={"image": PAIRS["image"]})


@pytest.mark.parametrize("name", ["pairs", "labeled", 1, None])
def test_names_that_have_a_meaning_of_their_own(name):
    with pytest.raises(InputError, match=f"a modality named {name!r}; expected a string"):
        make_samples(
            labeled={name: (IMAGE, IMAGE_Y), "text": (TEXT, TEXT_Y)},
            pairs={name: PAIRS["image"], "text": PAIRS["text"]},
        )


def test_a_pickle_is_refused(tmp_path):
    pd.to_pickle(IMAGE, tmp_path / "image.pkl")
    with pytest.raises(FileError, match="pickles are never read"):
        make(image=tmp_path / "image.pkl")


def test_new_rows_must_have_the_same_columns():
    with pytest.raises(ShapeError, match="'image' has 2 features; expected 3, as in the samples"):
        make().select("image", IMAGE[:, :2])


def test_new_rows_of_a_modality_that_does_not_exist():
    with pytest.raises(UnknownNameError, match="sound"):
        make().select("sound", IMAGE)
