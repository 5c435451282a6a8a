"""PairTables: what is accepted, what is refused and in which words, sums, JSON."""

import json

import numpy as np
import pytest
from hypothesis import given

from cases import ALL, NAMED
from interplay.errors import FileError, InputError, InterplayError, MarginsError, ShapeError
from interplay.tables import LARGEST_COUNT, PairTables, check_joint
from strategies import counts, tables

PAIRS = np.array([[10, 20], [30, 40]])
FIRST = np.array([[15, 15], [40, 30]])
SECOND = np.array([[25, 15], [30, 30]])


def build(**changed) -> PairTables:
    return PairTables(**{"pairs": PAIRS, "first": FIRST, "second": SECOND} | changed)


def assert_same(a: PairTables, b: PairTables) -> None:
    for key in ("pairs", "first", "second"):
        assert np.array_equal(getattr(a, key), getattr(b, key))
    for key in ("names", "classes", "codebook", "counts", "sizes", "shape"):
        assert getattr(a, key) == getattr(b, key)


# what is accepted


@pytest.mark.parametrize("name", ALL)
def test_margins_of_a_joint(name):
    p = ALL[name]
    p12, p1y, p2y = PairTables.from_joint(p).margins
    for margin, axis in ((p12, 2), (p1y, 1), (p2y, 0)):
        assert margin == pytest.approx(p.sum(axis), abs=1e-12)
    assert p1y.sum(1) == pytest.approx(p12.sum(1), abs=1e-15)
    assert p1y.sum(0) == pytest.approx(p2y.sum(0), abs=1e-15)


def test_integers_are_counts_and_carry_the_sample_sizes():
    t = build(first=2 * FIRST)
    assert t.counts
    assert t.sizes == (100.0, 200.0, 100.0)
    assert t.shape == (2, 2, 2)


def test_sums_of_one_are_probabilities_without_sizes():
    t = build(pairs=PAIRS / 100, first=FIRST / 100, second=SECOND / 100)
    assert not t.counts
    assert t.sizes is None


def test_counts_and_probabilities_of_the_same_rows_have_the_same_margins():
    probabilities = build(pairs=PAIRS / 100, first=FIRST / 100, second=SECOND / 100)
    for a, b in zip(build().normalised, probabilities.normalised, strict=True):
        assert a == pytest.approx(b, abs=1e-16)


def test_weighted_counts_are_said_to_be_counts():
    assert build(pairs=PAIRS * 0.37, counts=True).sizes[0] == pytest.approx(37)


def test_a_single_observation_is_probability_or_count_as_said():
    one = {"pairs": [[1]], "first": [[1]], "second": [[1]]}
    assert not PairTables(**one).counts
    assert PairTables(**one, counts=True).sizes == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("kind", [np.float32, np.int8, np.int64, np.uint64, bool, "list"])
def test_other_number_types(kind):
    cast = (lambda t: t.tolist()) if kind == "list" else (lambda t: t.astype(kind))
    t = build(pairs=cast(PAIRS), first=cast(FIRST), second=cast(SECOND))
    assert t.pairs.dtype == np.float64
    if kind is not bool:
        assert t.pairs.sum() == 100


def test_float32_probabilities_are_close_enough_to_one():
    t = build(**{key: (getattr(build(), key) / 100).astype(np.float32) for key in ("pairs", "first", "second")})
    assert not t.counts
    _, info = t.reconcile()
    assert info.slack < 1e-6


def test_the_users_array_is_copied_and_ours_cannot_be_changed():
    mine = PAIRS.astype(float)
    t = build(pairs=mine)
    mine[0, 0] = 99
    assert t.pairs[0, 0] == 10
    with pytest.raises(ValueError, match="read-only"):
        t.pairs[0, 0] = 1


def test_zero_rows_and_one_class():
    t = PairTables(pairs=[[0, 0], [3, 4]], first=[[0], [7]], second=[[3], [4]])
    assert t.shape == (2, 2, 1)
    assert np.array_equal(t.margins[1], [[0], [1]])


def test_names_and_classes_have_defaults():
    assert (build().names, build().classes) == (("first", "second"), ("0", "1"))


# what is refused


@pytest.mark.parametrize(
    ("changed", "kind", "words"),
    [
        ({"pairs": [[1, np.nan], [0, 1]]}, InputError, r"pairs\[0, 1\] is nan; expected finite numbers"),
        ({"first": [[1, 0], [np.inf, 1]]}, InputError, r"first\[1, 0\] is inf"),
        ({"second": [[1, 2], [3, -4]]}, InputError, r"second\[1, 1\] is -4"),
        ({"pairs": [[2.0**60, 0], [0, 1]]}, InputError, r"pairs\[0, 0\] is 1.15292e\+18; .* 2\^53"),
        ({"pairs": [["a", "b"], ["c", "d"]]}, InputError, "pairs that are not numbers"),
        ({"pairs": [[1, 2], [3]]}, InputError, "pairs that are not numbers"),
        ({"pairs": [1, 2]}, ShapeError, r"pairs of shape \(2,\); expected a table with two axes"),
        ({"pairs": np.zeros((0, 2))}, ShapeError, r"pairs of shape \(0, 2\)"),
        ({"pairs": np.zeros((2, 2))}, InputError, "pairs with no mass"),
        ({"first": [[1, 2], [3, 4], [5, 6]]}, ShapeError, r"pairs \(2, 2\), first \(3, 2\), second \(2, 2\)"),
        ({"second": [[1, 2, 3], [3, 4, 5]]}, ShapeError, r"second \(2, 3\); expected shapes \(n1, n2\)"),
        ({"names": ("a", "a")}, InputError, "expected two different names"),
        ({"names": ("a", "b", "c")}, InputError, "expected two different names"),
        ({"names": "ab"}, InputError, "names 'ab'; expected a list of strings"),
        ({"classes": "ab"}, InputError, "classes 'ab'; expected a list of strings"),
        ({"sizes": (1, 2)}, InputError, r"sizes \(1, 2\); expected three positive numbers"),
        ({"counts": "yes"}, InputError, "counts 'yes'; expected True, False or None"),
        ({"classes": ("yes",)}, InputError, "1 class names, .*; expected 2, one a column"),
        ({"classes": ("yes", "yes")}, InputError, "2 class names, 1 of them different"),
        ({"pairs": PAIRS / 90}, InputError, r"(first|second|pairs) sum to .* expected probabilities that sum"),
    ],
)
def test_bad_tables(changed, kind, words):
    with pytest.raises(kind, match=words) as caught:
        build(**changed)
    assert isinstance(caught.value, InterplayError)
    assert isinstance(caught.value, ValueError)
    assert str(caught.value).count("\n") == 0


def test_probabilities_that_do_not_sum_to_one_name_the_table_and_the_sum():
    with pytest.raises(InputError, match=r"second sum to 0\.9; expected probabilities that sum to 1"):
        build(pairs=PAIRS / 100, first=FIRST / 100, second=0.9 * SECOND / 100)


@pytest.mark.parametrize("joint", [np.ones((2, 2)), np.ones((2, 0, 2)), np.ones((2, 2, 2, 2))])
def test_joints_of_a_wrong_shape(joint):
    with pytest.raises(ShapeError, match="expected 3 axes"):
        check_joint(joint)


def test_joints_of_wrong_numbers():
    with pytest.raises(InputError, match=r"joint\[0, 1, 0\] is -1"):
        PairTables.from_joint([[[1, 1], [-1, 1]]])


def test_contradicting_margins_name_the_worst_one_and_both_values():
    t = PairTables(pairs=PAIRS, first=[[60, 10], [20, 10]], second=[[30, 10], [50, 10]], names=("image", "text"))
    with pytest.raises(MarginsError, match=r"p\(image = 0\) is 0\.3 in the pairs and 0\.7 in the labelled image"):
        _ = t.margins


def test_contradicting_labels_name_the_class():
    t = PairTables(pairs=[[1, 1], [1, 1]], first=[[5, 5], [5, 5]], second=[[9, 1], [9, 1]], counts=True)
    with pytest.raises(MarginsError, match=r"p\(class 0\) is 0\.5 .* first and 0\.9 .* second .*reconcile\(\)"):
        _ = t.margins


def test_rounding_is_forgiven():
    p = NAMED["DISAGREEMENT_XOR"]
    t = PairTables(pairs=p.sum(2).round(11), first=p.sum(1).round(11), second=p.sum(0).round(11))
    p12, p1y, p2y = t.margins
    assert np.abs(p12.sum(1) - p1y.sum(1)).max() < 1e-15
    assert np.abs(p12.sum(0) - p2y.sum(1)).max() < 1e-15


# sums


def test_counts_add_and_remember_the_sizes():
    t = build() + build(pairs=PAIRS.T)
    assert np.array_equal(t.pairs, PAIRS + PAIRS.T)
    assert np.array_equal(t.first, 2 * FIRST)
    assert t.sizes == (200.0, 200.0, 200.0)


@given(counts(), counts())
def test_addition_commutes_and_keeps_every_row(a, b):
    if a.shape == b.shape:
        assert_same(a + b, b + a)
        assert (a + b).sizes == tuple(x + y for x, y in zip(a.sizes, b.sizes, strict=True))


def test_a_sum_beyond_the_largest_count_is_refused_rather_than_rounded():
    huge = build(pairs=[[LARGEST_COUNT, 0], [0, 1]])
    with pytest.raises(InputError, match="expected finite numbers from 0 to 2"):
        _ = huge + huge


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"names": ("b", "a")}, "names .* expected the same names"),
        ({"classes": ("no", "yes")}, "expected the same classes"),
        ({"codebook": "other"}, "expected the same codebook"),
    ],
)
def test_tables_that_mean_different_things_do_not_add(changed, words):
    with pytest.raises(InputError, match=words):
        _ = build(names=("a", "b")) + build(**({"names": ("a", "b")} | changed))


def test_tables_of_other_shapes_do_not_add():
    other = PairTables(pairs=[[1, 2]], first=[[1, 2]], second=[[1, 0], [1, 1]])
    with pytest.raises(InputError, match="expected the same shape"):
        _ = build() + other


def test_probabilities_do_not_add():
    p = PairTables.from_joint(NAMED["AND"])
    with pytest.raises(InputError, match="tables of probabilities were added; expected counts"):
        _ = p + p


def test_adding_something_else_is_a_type_error():
    with pytest.raises(TypeError):
        _ = build() + 1


# JSON


@given(tables())
def test_json_round_trip_of_probabilities(t):
    assert_same(t, PairTables.from_dict(json.loads(t.to_json())))


@given(counts())
def test_json_round_trip_of_counts(t):
    assert_same(t, PairTables.from_dict(json.loads(t.to_json())))


def test_json_file_with_unicode_names(tmp_path):
    t = build(names=("Röntgenbild", "журнал 日誌"), classes=("gesund ☀", "krank"), codebook="s\u2028h")
    path = tmp_path / "tables ü.json"
    t.to_json(path)
    assert_same(t, PairTables.from_json(path))
    assert "Röntgenbild" in path.read_text(encoding="utf-8")


def test_reconciled_tables_keep_their_sizes_through_json():
    t, _ = build().reconcile()
    again = PairTables.from_dict(json.loads(t.to_json()))
    assert_same(t, again)
    assert again.sizes == (100.0, 100.0, 100.0)


@pytest.mark.parametrize("data", [[], {}, {"pairs": [[1]]}, "text", None])
def test_json_that_is_no_tables(data, tmp_path):
    path = tmp_path / "t.json"
    path.write_text(json.dumps(data))
    with pytest.raises(InputError, match="without the keys pairs, first, second"):
        PairTables.from_json(path)


def test_another_schema_is_refused():
    with pytest.raises(InputError, match="schema 'interplay/tables/99'; expected 'interplay/tables/1'"):
        PairTables.from_dict(build().to_dict() | {"schema": "interplay/tables/99"})


@pytest.mark.parametrize(
    "changed",
    [
        {"names": 3},
        {"classes": 7},
        {"sizes": 5},
        {"sizes": [1, 2]},
        {"sizes": ["a", "b", "c"]},
        {"sizes": [0, 0, 0]},
        {"sizes": [1, 1, float("nan")]},
        {"counts": "yes"},
    ],
)
def test_json_with_wrong_fields_is_an_error_of_ours(changed):
    with pytest.raises(InterplayError):
        PairTables.from_dict(build().to_dict() | changed)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[1, 2"])
def test_a_corrupt_file(content, tmp_path):
    path = tmp_path / "t.json"
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"t\.json could not be read .* expected a JSON file of tables"):
        PairTables.from_json(path)


def test_a_missing_file_and_a_folder(tmp_path):
    for path in (tmp_path / "absent.json", tmp_path):
        with pytest.raises(FileError, match="could not be read"):
            PairTables.from_json(path)
