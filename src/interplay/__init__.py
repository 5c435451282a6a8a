"""interplay: what fusing modalities is worth, with guarantees, before anyone labels a pair."""

from interplay.bounds.accuracy import bound_accuracy as bound_accuracy
from interplay.bounds.decomposition import decompose as decompose
from interplay.bounds.decomposition import decompose_many as decompose_many
from interplay.bounds.decomposition import identify as identify
from interplay.bounds.synergy import bound_synergy as bound_synergy
from interplay.quantification import Result as Result
from interplay.quantification import quantify as quantify
from interplay.results import Estimate as Estimate
from interplay.results import Interval as Interval
from interplay.tables import PairTables as PairTables

__all__ = [
    "Estimate",
    "Interval",
    "PairTables",
    "Result",
    "bound_accuracy",
    "bound_synergy",
    "decompose",
    "decompose_many",
    "identify",
    "quantify",
]
