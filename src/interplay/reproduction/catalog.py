"""The studies, in the order in which they are run and listed."""

from interplay.errors import UnknownNameError
from interplay.reproduction import decompositions, performance, real_data, robustness, synthetic, truths
from interplay.reproduction.study import Study

STUDIES: tuple[Study, ...] = (
    synthetic.STUDY,
    real_data.STUDY,
    performance.STUDY,
    robustness.STUDY,
    decompositions.STUDY,
    truths.STUDY,
)


def studies_named(names: list[str]) -> list[Study]:
    """The named studies in the order of the list; all for no names. Raises UnknownNameError."""
    known = {study.name: study for study in STUDIES}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UnknownNameError(
            f"study {unknown[0]!r}", expected=f"one of {', '.join(known)}", next_step="name studies as --only NAME"
        )
    return [study for study in STUDIES if not names or study.name in names]
