"""Codes refine the classifier's decision, have a stable meaning and no more symbols than asked for."""

import numpy as np
import pytest

from interplay.errors import InputError
from interplay.estimation.codes import ScoreCodes, check_kind, default_code_count, fit_codebook


def _posterior(rng, rows, classes):
    return rng.dirichlet(np.ones(classes), size=rows)


@pytest.mark.parametrize("classes", [2, 3, 6])
@pytest.mark.parametrize("count", [2, 3, 4, 6, 12])
def test_posterior_codes_refine_the_decision(classes, count):
    rng = np.random.default_rng(count)
    posterior, features = _posterior(rng, 500, classes), np.zeros((500, 1))
    book = fit_codebook("posterior", count, posterior, features, seed=0)
    codes = book.codes(posterior, features)
    assert codes.min() >= 0
    assert codes.max() < book.count <= max(count, classes)
    for code in np.unique(codes):
        assert len(np.unique(posterior[codes == code].argmax(1))) == 1


@pytest.mark.parametrize("shift", [0.0, 0.3, -0.3])
def test_the_decision_boundary_replaces_the_nearest_quantile(shift):
    rng = np.random.default_rng(0)
    score = np.clip(rng.beta(2, 2, 1000) + shift, 0, 1)
    book = fit_codebook("posterior", 5, np.column_stack([1 - score, score]), np.zeros((1000, 1)), seed=0)
    assert isinstance(book, ScoreCodes)
    assert 0.5 in book.edges
    assert np.all(np.diff(book.edges) >= 0)


def test_few_distinct_scores_leave_codes_empty_but_in_order():
    score = np.array([0.2, 0.8] * 50)
    posterior = np.column_stack([1 - score, score])
    book = fit_codebook("posterior", 6, posterior, np.zeros((100, 1)), seed=0)
    codes = book.codes(posterior, np.zeros((100, 1)))
    assert len(np.unique(codes)) == 2
    assert codes[0] < codes[1] < book.count


@pytest.mark.parametrize("kind", ["kmeans", "product"])
def test_clusters_keep_their_meaning_across_folds(kind):
    rng = np.random.default_rng(2)
    centres = np.array([[0.0, 0], [6, 0], [0, 6], [6, 6]])
    x = centres[rng.integers(4, size=600)] + rng.standard_normal((600, 2)) / 4
    posterior = np.full((600, 2), 0.5)
    first = fit_codebook(kind, 8 if kind == "product" else 4, posterior[:300], x[:300], seed=0)
    second = fit_codebook(kind, 8 if kind == "product" else 4, posterior[300:], x[300:], seed=1, like=first)
    assert np.array_equal(first.codes(posterior, x), second.codes(posterior, x))
    assert len(np.unique(first.codes(posterior, x))) == 4


def test_simplex_codes_tell_more_than_the_most_probable_class():
    """Four kinds of probabilities, three of one class's decision: three codes of the decision would be one."""
    rng = np.random.default_rng(3)
    kinds = np.array([[0.9, 0.05, 0.05], [0.5, 0.4, 0.1], [0.5, 0.1, 0.4], [0.1, 0.1, 0.8]])
    kind = rng.integers(4, size=800)
    posterior = kinds[kind] + rng.uniform(-0.01, 0.01, size=(800, 1)) * np.array([1.0, -0.5, -0.5])
    none = np.zeros((800, 1))
    first = fit_codebook("simplex", 4, posterior[:400], none[:400], seed=0)
    second = fit_codebook("simplex", 4, posterior[400:], none[400:], seed=1, like=first)
    codes = first.codes(posterior, none)
    assert np.array_equal(codes, second.codes(posterior, none))
    assert all(len(np.unique(codes[kind == k])) == 1 for k in range(4))
    assert len(np.unique(codes)) == first.count == 4


def test_code_count_grows_with_rows():
    counts = [default_code_count(n, 2) for n in (20, 300, 1000, 5000, 10**6)]
    assert counts == sorted(counts)
    assert counts[0] == 2
    assert counts[-1] == 12
    assert default_code_count(500, 10) == 10
    assert default_code_count(10**6, 10) == 30


@pytest.mark.parametrize("codes", ["quantile", 1, 101, True, 2.5, None])
def test_unknown_codes_are_refused(codes):
    with pytest.raises(InputError, match="codes="):
        check_kind(codes)
