"""What the chosen rule guarantees, with the optimism of choosing and judging it on the same tables."""

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.classified import ClassifiedTables, fixed_end
from interplay.estimation.confidence import estimate
from interplay.estimation.solved import Solved
from interplay.fusion.rules import Rules, choose_rules, guarantees
from interplay.results import Estimate


def guarantee_estimate(
    rule: Rules, seen: NDArray[np.bool_], point: Solved, batch: Solved, *, confidence: float, looks: int
) -> Estimate:
    """Range of the accuracy of the rule (one table's) over the identified set, from samples.

    The rule was chosen on the tables that it is judged on, so its value is optimistic. Every replicate
    chooses its own rule again; how much better that rule looks there than on the sample itself estimates
    the optimism, which enters the lower limit with the kink factor, like the bias of the program's value.
    """
    again = choose_rules(batch, seen)
    optimism = float((again.guarantee - guarantees(again.decisions, point.tables)).mean())
    tables = [ClassifiedTables(tables=s.tables, mass=s.mass) for s in (point, batch)]
    right = np.eye(point.tables.p1y.shape[2])[rule.decisions[0].ravel()]
    low = fixed_end(point.rows, point.cols, right, *tables, sign=1.0, optimism=optimism)
    high = fixed_end(point.rows, point.cols, -right, *tables, sign=-1.0)
    return estimate(low, high, confidence=confidence, unit="probability", looks=looks)
