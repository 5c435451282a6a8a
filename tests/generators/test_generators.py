"""Generators: their truths against the certified solver and against their own samples."""

import math

import numpy as np
import pytest

from interplay.bounds.decomposition import decompose
from interplay.errors import InputError, UnknownNameError
from interplay.generators.catalog import ALL, LATENTS, MIXTURES, VIEWS
from interplay.generators.discrete import GATES, NoisyViews
from interplay.generators.gaussian import GaussianMixture, two_normals
from interplay.generators.latent import COUNTS, LatentVariables, common_information, masks
from interplay.reproduction.truths import exact_truths, gaussian, latent
from interplay.solvers.union import union_information

NAMED = {g.name: g for g in ALL}


@pytest.mark.parametrize("g", [*GATES, *VIEWS], ids=lambda g: g.name)
def test_closed_forms_agree_with_the_certified_solver(g):
    found = decompose(g.joint)
    assert g.joint.sum() == pytest.approx(1, abs=1e-12)
    assert g.truth().atoms == pytest.approx((found.redundancy, *found.unique, found.synergy), abs=1e-9)
    assert found.certificate.gap < 1e-9


@pytest.mark.parametrize("name", NAMED)
def test_the_same_seed_gives_the_same_rows_and_another_one_others(name):
    g = NAMED[name]
    one, again, other = g.sample(50, 3), g.sample(50, 3), g.sample(50, 4)
    assert np.array_equal(one.first, again.first)
    assert np.array_equal(one.second, again.second)
    assert np.array_equal(one.labels, again.labels)
    assert not (np.array_equal(one.labels, other.labels) and np.array_equal(one.first, other.first))
    assert len(one.first) == len(one.second) == len(one.labels) == 50
    assert one.first.ndim == one.second.ndim == 2


@pytest.mark.parametrize("g", GATES, ids=lambda g: g.name)
def test_samples_of_a_gate_have_its_frequencies(g):
    n = 20_000
    rows = g.sample(n, 0)
    counts = np.zeros(g.joint.shape)
    np.add.at(counts, (rows.first[:, 0].astype(int), rows.second[:, 0].astype(int), rows.labels), 1)
    assert np.all(counts[g.joint == 0] == 0)
    # five standard errors of a frequency, over at most 128 cells
    assert np.abs(counts / n - g.joint).max() < 5 * math.sqrt(0.25 / n)


@pytest.mark.parametrize("g", VIEWS, ids=lambda g: g.name)
def test_a_noisy_view_can_be_turned_back(g):
    """The mixing is invertible, and the signal is wrong as often as it should be."""
    n, k = 20_000, g.classes
    rows = g.sample(n, 1)
    for modality, (x, flip) in enumerate(zip((rows.first, rows.second), g.flips, strict=True)):
        d = k + g.nuisance
        mixing, _ = np.linalg.qr(np.random.default_rng([modality, k, g.nuisance]).standard_normal((d, d)))
        shown = (x @ mixing.T)[:, :k]
        assert np.abs(shown - np.eye(k)[shown.argmax(1)]).max() < 1e-10
        wrong = np.mean(shown.argmax(1) != rows.labels)
        assert abs(wrong - flip) < 5 * math.sqrt(0.25 / n)


def test_views_without_noise_are_redundant_and_pure_noise_says_nothing():
    clean = NoisyViews(name="", classes=3, flips=(0.0, 0.0)).truth()
    assert clean.atoms == pytest.approx((math.log2(3), 0, 0, 0), abs=1e-12)
    noise = NoisyViews(name="", classes=3, flips=(2 / 3, 2 / 3)).truth()
    assert noise.atoms == pytest.approx((0, 0, 0, 0), abs=1e-12)


@pytest.mark.parametrize(("classes", "flips"), [(1, (0.1, 0.1)), (2, (0.6, 0.1)), (4, (-0.1, 0.1))])
def test_impossible_views_are_refused(classes, flips):
    with pytest.raises(InputError, match="probabilities from 0 to 1 - 1/K"):
        NoisyViews(name="", classes=classes, flips=flips)


@pytest.mark.parametrize("g", MIXTURES, ids=lambda g: g.name)
def test_mixtures_agree_with_fine_bins(g):
    """Both measurements in bins of 0.02 standard deviations lose less than 1e-4 bits."""
    from scipy.special import ndtr

    edges = np.linspace(-8, 8, 801)
    edges[[0, -1]] = -np.inf, np.inf
    cells = [np.stack([np.diff(ndtr(edges - sign * m)) for sign in (-1, 1)], axis=1) / 2 for m in g.means]  # p(x_i, y)
    union = union_information(*cells).value
    truth = g.truth()
    assert union == pytest.approx(truth.total - truth.synergy, abs=1e-4)


def test_information_of_two_normals():
    assert two_normals(0.0) == pytest.approx(0, abs=1e-12)
    assert two_normals(6.0) == pytest.approx(1, abs=1e-6)
    # series for weak signals: mean^2 / (2 ln 2), next term -mean^4 / (4 ln 2)
    assert two_normals(0.05) == pytest.approx(0.05**2 / (2 * math.log(2)), rel=3e-3)


def test_mixtures_are_symmetric_in_their_angle():
    one, two = (GaussianMixture(name="", angle=a).truth() for a in (20, 70))
    assert one.atoms == pytest.approx((two.redundancy, two.unique[1], two.unique[0], two.synergy), abs=1e-9)


@pytest.mark.parametrize("count", range(6))
def test_masks_are_a_distribution_with_the_right_mean(count):
    table, weights = masks(count)
    assert weights.sum() == pytest.approx(1)
    assert weights @ table.sum(1) == pytest.approx(0.8 * count)


def test_common_information_is_the_union_of_two_experiments():
    """Against the certified solver, for two binary experiments of which neither dominates."""
    first = np.array([0.02, 0.4, 0.4, 0.6, 0.6, 0.98])
    second = np.array([0.25, 0.25, 0.25, 0.75, 0.75, 0.75])
    tables = [np.stack([1 - q, q], axis=1) / len(q) for q in (first, second)]
    union = union_information(*tables).value
    single = [1 + float(np.mean(q * np.log2(q) + (1 - q) * np.log2(1 - q))) for q in (first, second)]
    found = common_information(first, second)
    assert min(single) - found > 0.01
    assert found == pytest.approx(sum(single) - union, abs=1e-6)


def test_latent_posteriors_are_exact():
    """Against drawing the label again and again for given latents."""
    g = LatentVariables(setting="mix2")
    z, _ = g.latents(2, 0)
    first, second, both = g.posteriors(z)
    rng = np.random.default_rng(1)
    n = 200_000
    used = rng.permuted(np.broadcast_to(np.arange(5), (n, 3, 5)), axis=2) < np.array(COUNTS["mix2"])[None, :, None]
    kept = used & (rng.random((n, 3, 5)) >= 0.2)
    fresh = rng.normal(scale=math.sqrt(1.5), size=(n, 5))
    for row in range(2):
        told = {"first": (z[row, 0], fresh), "second": (fresh, z[row, 1]), "both": (z[row, 0], z[row, 1])}
        for (one, two), q in zip(told.values(), (first[row], second[row], both[row]), strict=True):
            score = (kept[:, 0] * one).sum(1) + (kept[:, 1] * two).sum(1) + (kept[:, 2] * z[row, 2]).sum(1)
            drawn = np.mean((np.sign(score) + 1) / 2)
            assert abs(drawn - q) < 5 * math.sqrt(0.25 / n)


def test_latents_can_be_read_from_the_features():
    """The projections keep everything: least squares gives the latents back."""
    g = LatentVariables(setting="mix1")
    z, labels = g.latents(30, 5)
    rows = g.sample(30, 5)
    assert np.array_equal(rows.labels, labels)
    for x, causes in ((rows.first, z[:, [0, 2]]), (rows.second, z[:, [1, 2]])):
        _, left, rank, _ = np.linalg.lstsq(x, causes.reshape(30, -1), rcond=None)
        fitted = x @ np.linalg.lstsq(x, causes.reshape(30, -1), rcond=None)[0]
        assert rank == 10
        assert np.abs(fitted - causes.reshape(30, -1)).max() < 1e-8
        assert left.size == 0 or left.max() < 1e-12


def test_an_unknown_setting_names_those_that_exist():
    with pytest.raises(UnknownNameError, match=r"'mix9'.*mix6"):
        LatentVariables(setting="mix9")


@pytest.mark.slow
@pytest.mark.parametrize("g", LATENTS, ids=lambda g: g.name)
def test_latent_truths_agree_with_log_scores(g):
    row = latent(setting=g.setting, draws=3000, rows=3000, seed=2)["rows"][0]
    assert row["standard_errors"] <= 4
    assert min(row["atoms"]) > -4 * LatentVariables(setting=g.setting, draws=3000).truth().error


def test_the_rows_of_the_study_agree():
    rows = exact_truths()["rows"] + gaussian(angle=30.0, rows=20_000, seed=1)["rows"]
    assert [r["name"] for r in rows if not r["agrees"]] == []


def test_names_are_unique():
    assert len(NAMED) == len(ALL)
