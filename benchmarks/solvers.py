"""Our solvers on seeded problems: against what one can install, against their goals, and their certificates.

    python benchmarks/solvers.py [--quick] [--certify [--count 10000]] [--only union,maxent,...] [--plot FILE.svg]

Peers, each skipped with a reason where it is not installed: ECOS with the exponential cone formulation that
BROJA_2PID uses, Clarabel on the same cones, dit (PID_BROJA) and ipfn. All run on the same instances in one run, in
one thread; times are of the processor, so that other work on the machine does not enter. A peer's own matrices are
prepared outside its time; ours runs from tables to certificate. A peer that has used --patience seconds at a size and
family is not asked again there. The last lines say which goals were met.
"""

import argparse
import os
from pathlib import Path
from sys import path

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")  # before NumPy: every solver here gets one thread

HERE = Path(__file__).resolve().parent
path[:0] = [str(HERE / "solver_parts"), str(HERE.parent / "tests" / "solvers")]

import certify  # noqa: E402
import compare  # noqa: E402
import ends  # noqa: E402
import growth  # noqa: E402

PARTS = ("batches", "union", "maxent", "accuracy_of_ipfn", "memory", "synergy", "accuracy", "growth")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="smaller sizes and fewer tables")
    parser.add_argument("--certify", action="store_true", help="certificates of mixed instances, nothing else")
    parser.add_argument("--count", type=int, default=10_000, help="instances of --certify")
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts to run, of {','.join(PARTS)}")
    parser.add_argument("--patience", type=float, default=10.0, help="seconds that a peer gets at a size and family")
    parser.add_argument("--plot", type=Path, help="write the plot of growing cost here (SVG)")
    options = parser.parse_args()
    goals = certify.certify(options.count) if options.certify else run(options)
    print("\n### Goals\n")
    print("\n".join(f"- {goal}" for goal in goals))


def run(options: argparse.Namespace) -> list[str]:
    parts, goals = options.only.split(","), []
    sizes = compare.SIZES[:5] if options.quick else compare.SIZES
    if "batches" in parts:
        goals += compare.batches(quick=options.quick)
    if "union" in parts:
        goals += compare.singles(compare.UNION_PROBLEM, sizes=sizes, patience=options.patience)
    if "maxent" in parts:
        goals += compare.singles(compare.MAXENT_PROBLEM, sizes=sizes, patience=options.patience)
    if "accuracy_of_ipfn" in parts:
        goals += compare.to_our_accuracy(patience=options.patience)
    if "memory" in parts:
        compare.memory(quick=options.quick)
    if "synergy" in parts:
        goals += ends.synergy(quick=options.quick)
    if "accuracy" in parts:
        goals += ends.accuracy(quick=options.quick)
    if "growth" in parts:
        growth.report(options.plot, quick=options.quick)
    return goals


if __name__ == "__main__":
    main()
