"""interplay: what fusing modalities is worth, with guarantees, before anyone labels a pair."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from interplay.advice.collection import collect as collect
    from interplay.advice.labeling import plan_labels as plan_labels
    from interplay.advice.selection import recommend_models as recommend_models
    from interplay.bounds.accuracy import bound_accuracy as bound_accuracy
    from interplay.bounds.coupling import Coupling as Coupling
    from interplay.bounds.coupling import minimum_entropy_coupling as minimum_entropy_coupling
    from interplay.bounds.decomposition import decompose as decompose
    from interplay.bounds.decomposition import decompose_many as decompose_many
    from interplay.bounds.decomposition import identify as identify
    from interplay.bounds.modalities import bound_modalities as bound_modalities
    from interplay.bounds.synergy import bound_synergy as bound_synergy
    from interplay.certification import Certification as Certification
    from interplay.certification import Comparison as Comparison
    from interplay.certification import certify as certify
    from interplay.certification import compare_models as compare_models
    from interplay.estimation.box import FiniteSampleBounds as FiniteSampleBounds
    from interplay.estimation.box import bound_finite_sample as bound_finite_sample
    from interplay.estimation.tabulation import tables_from_codes as tables_from_codes
    from interplay.quantification import Result as Result
    from interplay.quantification import quantify as quantify
    from interplay.results import Estimate as Estimate
    from interplay.results import Interval as Interval
    from interplay.table_quantification import TableResult as TableResult
    from interplay.table_quantification import quantify_tables as quantify_tables
    from interplay.tables import PairTables as PairTables

# Where each public name lives. They are imported when first used: scikit-learn and SciPy take seconds to
# load, and `interplay --help` should not wait for them.
_HOMES = {
    "Certification": "certification",
    "Comparison": "certification",
    "Coupling": "bounds.coupling",
    "Estimate": "results",
    "FiniteSampleBounds": "estimation.box",
    "Interval": "results",
    "PairTables": "tables",
    "Result": "quantification",
    "TableResult": "table_quantification",
    "bound_accuracy": "bounds.accuracy",
    "bound_finite_sample": "estimation.box",
    "bound_modalities": "bounds.modalities",
    "bound_synergy": "bounds.synergy",
    "certify": "certification",
    "collect": "advice.collection",
    "compare_models": "certification",
    "decompose": "bounds.decomposition",
    "decompose_many": "bounds.decomposition",
    "identify": "bounds.decomposition",
    "minimum_entropy_coupling": "bounds.coupling",
    "plan_labels": "advice.labeling",
    "quantify": "quantification",
    "quantify_tables": "table_quantification",
    "recommend_models": "advice.selection",
    "tables_from_codes": "estimation.tabulation",
}

__all__ = [
    "Certification",
    "Comparison",
    "Coupling",
    "Estimate",
    "FiniteSampleBounds",
    "Interval",
    "PairTables",
    "Result",
    "TableResult",
    "bound_accuracy",
    "bound_finite_sample",
    "bound_modalities",
    "bound_synergy",
    "certify",
    "collect",
    "compare_models",
    "decompose",
    "decompose_many",
    "identify",
    "minimum_entropy_coupling",
    "plan_labels",
    "quantify",
    "quantify_tables",
    "recommend_models",
    "tables_from_codes",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'interplay' has no attribute {name!r}; its names are {', '.join(__all__)}")
    return getattr(import_module(f"interplay.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
