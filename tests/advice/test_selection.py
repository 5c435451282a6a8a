"""Which models to train: the ranges decide, the reasons say why, and labelled pairs can check it."""

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import interplay as ip
from interplay.advice.selection import FAMILIES
from interplay.advice.verification import verify_models
from interplay.errors import InputError, UnknownNameError
from samplers import draw, noisy_views


def result(joint, rows, seed, **more):
    drawn = draw(joint / joint.sum(), rows, seed)
    plain = {n: LogisticRegression() for n in drawn.labeled}
    return ip.quantify(**drawn.arguments, classifiers=plain, replicates=50, **more)


def alone():
    """The image says the label; the text is a coin of its own."""
    return np.einsum("ik,j->ijk", np.eye(2) / 2, [0.5, 0.5])


@pytest.fixture(scope="module")
def open_case():
    return ip.recommend_models(result(noisy_views(0.5), 800, 0))


def test_where_the_ranges_leave_room_an_additive_model_and_one_with_interactions_are_named(open_case):
    assert {"additive", "early"} <= set(open_case.recommended)
    assert "let validation choose" in open_case.verdict
    by = {a.family: a for a in open_case.advice}
    assert set(by) == set(FAMILIES)
    assert by["cross_attention"].standing == "not needed"
    assert "sequences" in by["cross_attention"].reason
    assert all(a.reason.endswith(".") for a in open_case.advice)


def test_a_modality_that_says_the_label_needs_no_other():
    got = ip.recommend_models(result(alone(), 1000, 1))
    assert got.recommended == ("single",)
    assert "the ranges decide" in got.verdict
    assert all(a.standing == "not needed" for a in got.advice[1:])


def test_sequences_make_cross_attention_possible():
    r = result(noisy_views(0.5), 400, 2)
    by = {a.family: a.standing for a in ip.recommend_models(r, sequences=True).advice}
    assert by["cross_attention"] == "possible"


def test_a_pair_of_a_result_will_do(open_case):
    r = result(noisy_views(0.5), 400, 2)
    assert str(ip.recommend_models(r)) == str(ip.recommend_models(r.pairs[r.chosen_pair]))


def test_text_and_json(open_case):
    assert str(open_case).startswith("Train ")
    told = json.loads(json.dumps(open_case.to_dict(), allow_nan=False))
    assert told["recommended"] == list(open_case.recommended)
    assert told["profile"]["synergy"]["unit"] == "bits"


def test_something_else_than_a_result_is_refused():
    with pytest.raises(InputError, match=r"what interplay\.quantify returns"):
        ip.recommend_models({"synergy": 1})


def test_the_advice_is_checked_on_labelled_pairs(open_case):
    pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'interplay[torch]'")
    drawn = draw(noisy_views(0.5), 100, 3, test_rows=600)
    got = verify_models(open_case, drawn.test, drawn.test_labels, families=("single",), splits=2)
    assert {s.family for s in got.scores} == {"single", *open_case.recommended}
    assert got.chosen in open_case.recommended
    assert got.held
    assert got.regret >= 0
    assert "The advice held" in got.verdict
    json.dumps(got.to_dict(), allow_nan=False)
    with pytest.raises(UnknownNameError, match="labelled pairs without"):
        verify_models(open_case, {"image": drawn.test["image"]}, drawn.test_labels)
