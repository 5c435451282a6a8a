"""The resolution curve: nested codes, ranges at each number, and refusals."""

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import interplay as ip
from interplay.errors import InputError
from interplay.estimation.preparation import Options, prepare, silent
from interplay.estimation.resolution import _finest, _merge, resolution_curve
from samplers import draw, noisy_views


def prepared(rows, classes=2, folds=2):
    sample = draw(noisy_views(classes=classes), rows, 0, test_rows=1)
    options = Options(
        confidence=0.95,
        seed=0,
        codes="auto",
        classifiers={n: LogisticRegression(C=0.01) for n in sample.labeled},
        folds=folds,
        replicates=20,
        workers=1,
        progress=silent,
    )
    p = prepare(**sample.arguments, options=options, groups=None, sample_weight=None, prior=None)
    return p.coded, p.coded.samples.names, p.weights


@pytest.mark.parametrize("classes", [2, 3])
def test_coarser_codes_are_unions_of_finer_ones(classes):
    coded, names, _ = prepared(900, classes)
    finest = _finest(coded, names[0], 12)
    numbers = (2, 3, 4, 6, 8, 12) if classes == 2 else (3, 6, 9, 12)
    maps = [_merge(finest, n, 12, classes) for n in numbers]
    assert maps[-1].tolist() == list(range(12))
    for coarse, fine, number in zip(maps, maps[1:], numbers, strict=False):
        assert sorted(set(coarse.tolist())) == list(range(number))
        for code in range(fine.max() + 1):
            assert len(set(coarse[fine == code])) == 1


def test_two_codes_are_the_classifiers_decision():
    """So the coarsest point is worth at least the better single modality."""
    coded, names, _ = prepared(900)
    for name in names:
        finest = _finest(coded, name, 12)
        two = _merge(finest, 2, 12, 2)[finest.pairs]
        assert np.array_equal(two, coded.pair_decisions[name])


def test_each_point_is_a_range_and_the_curve_is_plain_data():
    coded, names, weights = prepared(600)
    curve = resolution_curve(coded, names, weights, numbers=(4, 2), replicates=30, rng=np.random.default_rng(0))
    assert [p.codes for p in curve.points] == [2, 4]
    for point in curve.points:
        for e in (point.accuracy, point.total, point.synergy):
            assert e.ci[0] <= e.low <= e.high + 1e-9
            assert e.high <= e.ci[1] + 1e-9
    data = json.loads(json.dumps(curve.to_dict()))
    assert data["modalities"] == list(names)
    assert data["points"][1]["codes"] == 4
    assert data["points"][1]["total"]["low"] == curve.points[1].total.low


def test_more_information_at_more_codes_of_a_four_level_view():
    """Two codes cannot hold four levels: the low end of the information rises with the codes."""
    coded, names, weights = prepared(4000)
    curve = resolution_curve(coded, names, weights, numbers=(2, 4), replicates=20, rng=np.random.default_rng(0))
    assert curve.points[1].total.low > curve.points[0].total.low + 0.02


def test_the_numbers_follow_the_sample_and_the_same_seed_gives_the_same_curve():
    coded, names, weights = prepared(100)
    one, two = (resolution_curve(coded, names, weights, replicates=20, rng=np.random.default_rng(1)) for _ in range(2))
    assert [p.codes for p in one.points] == [2, 3, 4]
    assert one.to_dict() == two.to_dict()
    few = prepared(16)
    assert resolution_curve(*few, rng=np.random.default_rng(0)).points == ()


@pytest.mark.parametrize(("classes", "numbers"), [(2, (1, 4)), (2, ()), (3, (4,)), (2, (2, 500))])
def test_numbers_that_cannot_be(classes, numbers):
    coded, names, weights = prepared(90, classes)
    with pytest.raises(InputError, match="numbers of codes"):
        resolution_curve(coded, names, weights, numbers=numbers, rng=np.random.default_rng(0))


def test_a_result_and_its_document_carry_the_curve():
    sample = draw(noisy_views(), 150, 0, test_rows=1)
    classifiers = {n: LogisticRegression() for n in sample.labeled}
    r = ip.quantify(**sample.arguments, classifiers=classifiers, replicates=20)
    document = r.to_dict()
    assert [p["codes"] for p in document["resolution"]["points"]] == [p.codes for p in r.resolution.points] == [2, 3, 4]
    drawn = [c for c in document["curves"] if c["x_label"] == "codes a modality"]
    assert [c["unit"] for c in drawn] == ["probability", "bits", "bits"]
    assert [p["low"] for p in drawn[0]["points"]] == [p.accuracy.low for p in r.resolution.points]
