"""ROC curves and their hull: the areas are rank probabilities, and the hull's information is the union information."""

import numpy as np
import pytest

import interplay as ip
from interplay.information import mutual_information
from interplay.report.document import read_document
from interplay.report.heat import read_knowledge
from interplay.report.roc import area_below, roc_figure, roc_points, upper_hull
from report.documents import document


def random_pair(seed, n1=4, n2=5):
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.full(n1 * n2 * 2, 0.5)).reshape(n1, n2, 2)
    return joint.sum(2), joint.sum(1), joint.sum(0)


@pytest.mark.parametrize("seed", range(5))
def test_the_area_is_how_often_a_row_of_the_class_is_ranked_first(seed):
    _, table, _ = random_pair(seed)
    odds = table[:, 0] / table.sum(1)
    wanted, other = table[:, 0] / table[:, 0].sum(), table[:, 1] / table[:, 1].sum()
    above = (odds[:, None] > odds[None]) + 0.5 * (odds[:, None] == odds[None])
    assert area_below(roc_points(table)) == pytest.approx(float(wanted @ above @ other), abs=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_the_information_of_the_hull_is_the_union_information(seed):
    """The corners of the hull are the codes of a source that tells what both surely tell."""
    pairs, first, second = random_pair(seed)
    hull = upper_hull(np.vstack([roc_points(first), roc_points(second)]))
    prior = first.sum(0)
    steps = np.diff(hull, axis=0)
    codes = np.stack([steps[:, 1] * prior[0], steps[:, 0] * prior[1]], axis=1)
    assert codes.sum() == pytest.approx(1)
    told = ip.identify(ip.PairTables(pairs=pairs, first=first, second=second))
    assert float(mutual_information(codes)) == pytest.approx(told.union, abs=1e-7)


def test_extremes():
    perfect = np.diag([0.3, 0.7])
    assert area_below(roc_points(perfect)) == 1
    assert area_below(roc_points(np.outer([0.2, 0.8], [0.3, 0.7]))) == pytest.approx(0.5)
    one_class = np.array([[0.5, 0.0], [0.5, 0.0], [0.0, 0.0]])
    assert roc_points(one_class).tolist() == [[0, 0], [1, 1]]
    assert upper_hull(np.array([[0.0, 0.0], [0.5, 0.2], [1.0, 1.0]])).tolist() == [[0, 0], [1, 1]]


def test_it_is_drawn_for_two_classes_only():
    def figure(classes):
        twin = read_document(document(classes=classes))
        return roc_figure(read_knowledge(twin.pairs[0], twin.classes))

    page = figure(("<no>", "yes"))
    assert "area below image" in page
    assert "<no>" not in page
    assert figure(("a", "b", "c")) == ""
