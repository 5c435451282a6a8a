"""Union information of several sources: two are the old problem, and laws that tie three to two."""

import numpy as np
import pytest

from interplay.errors import InputError, MarginsError, ShapeError, SolverError
from interplay.information import mutual_information
from interplay.solvers import certificate
from interplay.solvers.certificate_sources import certify
from interplay.solvers.union import union_information, union_information_of
from solvers.families import FAMILIES, batch

CODES = [(2, 2, 2), (3, 4, 2), (2, 3, 2, 2)]


def sources(joint):
    axes = range(joint.ndim - 1)
    return [joint.sum(axis=tuple(j for j in axes if j != i)) for i in axes]


def three(family, codes, labels, *, seed):
    """A joint of several sources: a family's joint whose first source is split into several."""
    rest = (int(np.prod(codes[:-1])), codes[-1], labels)
    return batch(family, rest, 1, seed=seed)[0].reshape(*codes, labels)


@pytest.mark.parametrize("labels", [1, 2, 3])
@pytest.mark.parametrize("codes", CODES, ids=str)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_certified(family, codes, labels):
    joint = three(family, codes, labels, seed=1)
    found = union_information_of(sources(joint))
    assert -1e-12 <= found.certificate.gap <= 1e-9
    assert found.certificate.primal_residual <= 1e-12
    assert found.value <= mutual_information(joint) + 1e-9
    assert found.value >= max(mutual_information(p) for p in sources(joint)) - 1e-9


@pytest.mark.parametrize("shape", [(3, 4, 2), (3, 3, 3)], ids=str)
@pytest.mark.parametrize("family", FAMILIES)
def test_two_sources_are_the_old_problem(family, shape):
    p1, p2 = sources(batch(family, shape, 1, seed=2)[0])
    found = union_information_of([p1, p2])
    assert found.value == pytest.approx(union_information(p1, p2).value, abs=2e-9)
    assert certify([p1, p2], found.joint, list(found.duals))[1].gap == pytest.approx(
        certificate.union_certificate(p1, p2, found.joint, *found.duals).gap, abs=1e-12
    )


@pytest.mark.parametrize("labels", [2, 3])
def test_a_garbling_adds_nothing_and_order_is_free(labels):
    rng = np.random.default_rng(labels)
    p1, p2 = sources(batch("uniform", (3, 4, labels), 1, seed=3)[0])
    third = rng.dirichlet(np.ones(2), size=3).T @ p1
    pair = union_information(p1, p2).value
    assert union_information_of([p1, p2, third]).value == pytest.approx(pair, abs=2e-9)
    assert union_information_of([third, p2, p1]).value == pytest.approx(pair, abs=2e-9)


@pytest.mark.parametrize("labels", [2, 3])
def test_more_sources_never_say_less(labels):
    tables = sources(three("uniform", (3, 3, 3), labels, seed=4))
    values = [union_information_of(tables[:m]).value for m in (1, 2, 3)]
    assert values == sorted(values)
    assert values[0] == pytest.approx(mutual_information(tables[0]), abs=1e-9)


@pytest.mark.parametrize(
    ("tables", "error"),
    [
        ([], ShapeError),
        ([np.full((2, 2), 0.25), np.full((2, 3), 1 / 6)], ShapeError),
        ([np.array([[0.5, -0.1], [0.3, 0.3]]), np.full((2, 2), 0.25)], InputError),
        ([np.array([[0.5, 0.1], [0.3, 0.1]]), np.full((2, 2), 0.25)], MarginsError),
        ([np.full((300, 2), 1 / 600)] * 3, InputError),
    ],
    ids=["none", "labels differ", "negative", "label margins differ", "too large"],
)
def test_bad_input(tables, error):
    with pytest.raises(error):
        union_information_of(tables)


def test_no_certificate_no_answer():
    with pytest.raises(SolverError, match="gap"):
        union_information_of(sources(three("uniform", (2, 2, 2), 3, seed=5)), tolerance=-1.0)
