"""The studies themselves, at a small size: published figures that must come out, and laws."""

import numpy as np
import pytest

from interplay.information import entropy
from interplay.reproduction import published, real_data, recipe, synthetic
from interplay.reproduction.study import Scope


@pytest.fixture(scope="module")
def small_figure():
    found = [synthetic.chunk("2x2x2", 4000, [0, i], 1.0) for i in range(2)]
    found += [synthetic.chunk("3x3x2", 20, [0, 0], 0.5), synthetic.chunk("4x4x3", 1, [0, 0], 0.2)]
    return synthetic.combine([*found, synthetic.named_examples()])


def test_the_upper_gap_of_the_paper_and_its_violations(small_figure):
    methods = small_figure["shapes"]["2x2x2"]["methods"]
    assert methods["coupling_three"]["mean_gap"] == pytest.approx(0.62, abs=0.015)
    assert methods["paper_disagreement"]["share_violated"] == pytest.approx(0.033, abs=0.01)
    for name in set(methods) - {"paper_disagreement", "paper_best"}:
        assert methods[name]["violations"] == 0, name


def test_chunks_add_up(small_figure):
    square = small_figure["shapes"]["2x2x2"]
    parts = [synthetic.chunk("2x2x2", 4000, [0, i], 1.0) for i in range(2)]
    worst = [p["sums"]["methods"]["paper_disagreement"]["worst"] for p in parts]
    assert square["methods"]["paper_disagreement"]["worst_violation"] == max(worst)
    assert square["joints"] == 8000
    total = sum(p["sums"]["synergy"] for p in parts)
    assert square["mean_synergy"] == pytest.approx(total / 8000)
    assert len(square["points"]["synergy"]) == 2 * synthetic.DRAWN


def test_named_examples(small_figure):
    """Figures of the research note, section 8.2, at three decimals."""
    named = small_figure["named"]
    assert named["and"]["S"] == pytest.approx(0.5)
    assert named["and"]["paper_redundancy"] == pytest.approx(0.311, abs=5e-4)
    assert named["xor"]["maxent"] == pytest.approx(0, abs=1e-9)
    assert named["notebook A"]["S"] == pytest.approx(0.450, abs=1e-3)
    assert named["notebook A"]["coupling_three"] == pytest.approx(0.731, abs=1e-3)
    assert named["notebook C"]["sharp"] == pytest.approx(0.396, abs=1e-3)


def test_the_verdict_says_when_the_upper_gap_is_another(small_figure):
    assert synthetic.judge(small_figure).status == "Reproduced, but"
    wrong = {**small_figure, "published": {**small_figure["published"], "upper": 0.5}}
    assert synthetic.judge(wrong).status == "Not reproduced"


def test_the_same_seed_gives_the_same_joints_and_they_are_uniform():
    joints = synthetic.uniform_joints((2, 2, 2), 4000, [1, 2])
    assert np.array_equal(joints, synthetic.uniform_joints((2, 2, 2), 4000, [1, 2]))
    assert joints.sum(axis=(1, 2, 3)) == pytest.approx(np.ones(4000))
    # uniform on the simplex of 8 cells: each has mean 1/8 and variance 7/(64 9)
    assert joints.reshape(4000, 8).var(axis=0) == pytest.approx(np.full(8, 7 / 576), rel=0.15)


def test_printed_outputs_are_consistent():
    """The upper bound is the trivial one: its sum with R, U1, U2 is the label's entropy, the same for all pairs."""
    for name in ("MUStARD", "UR-FUNNY", "MOSEI", "MOSI"):
        ceilings = [p.ceiling for p in published.PRINTED if p.set == name]
        assert len(ceilings) == 3
        assert max(ceilings) - min(ceilings) < 1e-6
    mustard = next(p for p in published.PRINTED if p.set == "MUStARD")
    assert mustard.ceiling == pytest.approx(float(entropy([79 / 138, 59 / 138])), abs=1e-6)
    mosi = next(p for p in published.PRINTED if p.set == "MOSI")
    assert mosi.ceiling == pytest.approx(float(entropy([277 / 686, 409 / 686])), abs=1e-5)


def test_the_recipe_on_clusters_that_exist():
    """Directions far apart are found again, whatever the length of the vectors."""
    rng = np.random.default_rng(0)
    centers = np.eye(4)[rng.integers(4, size=200)]
    x = (centers + 0.01 * rng.normal(size=centers.shape)) * rng.uniform(0.5, 5, size=(200, 1))
    codes = recipe.clusters(x, 0, count=4)
    for k in range(4):
        assert len(np.unique(codes[centers[:, k] == 1])) == 1
    assert len(np.unique(codes)) == 4
    assert recipe.clusters(np.ones((5, 3)), 0).tolist() == [0] * 5


def test_histograms_of_selections_of_rows():
    codes, labels = (np.array([0, 1, 1]), np.array([0, 0, 1])), np.array([0, 1, 1])
    counts = recipe.histograms_of_rows(codes, labels, np.array([[0, 1, 2], [2, 2, 2]]))
    assert counts.shape == (2, 2, 2, 2)
    assert counts.sum(axis=(1, 2, 3)).tolist() == [3, 3]
    assert counts[1, 1, 1, 1] == 3


def test_recipe_figures_of_pure_chance_and_of_true_synergy():
    rng = np.random.default_rng(0)
    one, two = rng.integers(3, size=(2, 600))
    chance = real_data.recipe_figures((one, two), rng.integers(2, size=600), 0, True)
    true = real_data.recipe_figures((one % 2, two % 2), (one + two) % 2, 0, True)
    assert chance["least_synergy"]["p_value"] > 0.05
    assert chance["independent"]["p_value"] > 0.05
    assert true["least_synergy"]["p_value"] < 0.05
    assert true["synergy"] > 0.8
    assert chance["interval"][0] < chance["synergy"] < true["interval"][1]


def test_chance_of_published_sets_is_seeded():
    found = [real_data.chance_of_published("MUStARD", 138, 20, 0) for _ in range(2)]
    assert found[0] == found[1]
    assert found[0]["share"] == pytest.approx(59 / 138, abs=1e-4)
    assert found[0]["mean"] > max(found[0]["printed"].values())


def test_one_pair_of_a_small_set_and_its_page(tmp_path):
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=150)
    views = {f"X_{m}": y[:, None] + rng.normal(size=(150, 3)) for m in "ab"}
    path = tmp_path / "tiny.npz"
    np.savez(path, modalities=np.array(["a", "b"]), y=y, **views)
    scope = Scope(quick=True, data=str(tmp_path))
    parts = {p.key: p for p in real_data.parts(scope)}
    assert "tiny-a_b" in parts
    row = real_data.one_pair(**parts["tiny-a_b"].arguments)
    assert (row["set"], row["pair"], row["rows"], row["classes"]) == ("tiny", "a+b", 150, 2)
    assert row["recipe"]["lower"]["maxent"] <= row["recipe"]["synergy"] + 1e-8
    found = [row, *(real_data.chance_of_published(n, r, 5, 0) for n, r in published.TEST_ROWS.items())]
    results = real_data.combine([*found, {"refused": ["x.pkl is a pickle"]}])
    assert "tiny a+b" in real_data.body(results)
    assert "x.pkl is a pickle" in real_data.body(results)
    assert set(real_data.pictures(results)) == {"real-data-recipe", "real-data-published"}


@pytest.mark.slow
def test_a_hundred_thousand_joints_with_all_bounds_take_less_than_a_minute():
    found = [synthetic.chunk("2x2x2", 20_000, [0, i], 1.0) for i in range(5)]
    assert sum(part["sums"]["count"] for part in found) == 100_000
    assert sum(part["seconds"] for part in found) < 60
    assert all("sharp" in part["sums"]["methods"] for part in found)
