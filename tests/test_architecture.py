"""The floors: imports go down or stay on a floor without a loop; what only one place may do; the public face."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import interplay

ROOT = Path(interplay.__file__).parent
FLOORS: dict[str, int] = {
    # 1 ground: formulas, facts, files
    **dict.fromkeys(["errors", "information", "results", "files", "parallel"], 1),
    # 2 data with names, validated when built
    **dict.fromkeys(
        ["batches", "folders", "inputs", "samples", "mismatch", "reconciliation", "tables", "datasets", "generators"], 2
    ),
    # 3 machines: problem -> solution + certificate
    "solvers": 3,
    # 4 from tables to intervals; from samples to tables
    **dict.fromkeys(["bounds", "estimation"], 4),
    # 5 rules, decisions, checks, pictures
    **dict.fromkeys(["advice", "audits", "fusion", "plots", "report"], 5),
    # 6 from data to answers
    **dict.fromkeys(
        [
            *("certification", "documents", "pair_analysis", "performance", "quantification", "reproduction"),
            "table_quantification",
        ],
        6,
    ),
    # 7 faces
    **dict.fromkeys(["cli", "__init__"], 7),
}
EXTRAS = {"torch", "dask", "matplotlib"}  # may be imported inside a function, where they are needed
PUBLIC = [
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


def module_name(path: Path) -> str:
    """`solvers.union` for src/interplay/solvers/union.py, `solvers` for its __init__.py."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


TREES = {module_name(p): ast.parse(p.read_text(encoding="utf-8"), str(p)) for p in sorted(ROOT.rglob("*.py"))}


def floor(module: str) -> int:
    return FLOORS[module.split(".")[0]]


def run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Statements that run when a module is loaded: not the bodies of functions, nor what only type checkers see."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from run_at_import(child)


def targets(node: ast.AST) -> set[str]:
    """Modules that an import statement names, full names; `from a import b` names a.b where that is a module."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if not isinstance(node, ast.ImportFrom):
        return set()
    assert node.level == 0, "imports are absolute"
    base = node.module or ""
    inner = base.removeprefix("interplay").lstrip(".")
    return {f"{base}.{alias.name}" if f"{inner}.{alias.name}".lstrip(".") in TREES else base for alias in node.names}


def own(names: set[str]) -> set[str]:
    """Names inside the package, without its name."""
    inside = {name for name in names if name.split(".")[0] == "interplay"}
    return {name.removeprefix("interplay").lstrip(".") or "__init__" for name in inside}


EDGES = {
    module: set().union(*(own(targets(node)) for node in run_at_import(tree))) - {module}
    for module, tree in TREES.items()
}


def loop(edges: dict[str, set[str]]) -> list[str]:
    """A loop of imports, or nothing."""
    done: set[str] = set()

    def walk(module: str, path: list[str]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        found = next((f for target in sorted(edges[module]) if (f := walk(target, [*path, module]))), [])
        done.add(module)
        return found

    return next((f for module in sorted(edges) if (f := walk(module, []))), [])


def test_every_module_has_a_floor_and_every_floor_its_modules():
    assert {module.split(".")[0] for module in TREES} == set(FLOORS)


@pytest.mark.parametrize("module", TREES)
def test_imports_go_down_or_stay_on_the_floor(module):
    assert [target for target in sorted(EDGES[module]) if floor(target) > floor(module)] == []


def test_there_is_no_loop():
    assert loop(EDGES) == []


def test_the_search_for_loops_finds_one():
    assert loop({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["b", "c", "b"]


@pytest.mark.parametrize("module", TREES)
def test_imports_inside_functions_are_for_extras_and_for_commands(module):
    """Commands load what they need when they run, for a fast start; the rest says at its top what it needs."""
    if module.split(".")[0] == "cli":
        return
    functions = [n for n in ast.walk(TREES[module]) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    hidden = {name for f in functions for node in ast.walk(f) for name in targets(node)}
    assert {name for name in hidden if name.split(".")[0] not in EXTRAS} == set()


@pytest.mark.parametrize("module", TREES)
def test_the_first_line_says_what_the_file_is_for(module):
    text = ast.get_docstring(TREES[module]) or ""
    assert text.splitlines(), "no docstring"
    assert text.splitlines()[0].endswith((".", ":", "?"))
    assert isinstance(TREES[module].body[0], ast.Expr)


@pytest.mark.parametrize("module", [m for m in TREES if m != "information"])
def test_only_one_file_knows_log_2(module):
    """No log2, no log(2), no ln 2 in figures outside information.py."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Attribute | ast.Name):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            assert name not in ("log2", "exp2", "LN2", "LOG2E"), f"line {node.lineno}"
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "log" and node.args:
            assert ast.unparse(node.args[0]) not in ("2", "2.0"), f"line {node.lineno}"
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            assert abs(node.value - 0.693147) > 1e-4, f"line {node.lineno}"
            assert abs(node.value - 1.442695) > 1e-4, f"line {node.lineno}"


@pytest.mark.parametrize("module", [m for m in TREES if m.split(".")[0] != "cli"])
def test_only_commands_print(module):
    calls = [n for n in ast.walk(TREES[module]) if isinstance(n, ast.Call)]
    printed = [n.lineno for n in calls if ast.unparse(n.func) in ("print", "sys.stdout.write", "sys.stderr.write")]
    assert printed == []


@pytest.mark.parametrize("module", TREES)
def test_nothing_is_unpickled_and_no_error_is_swallowed_unseen(module):
    nodes = list(ast.walk(TREES[module]))
    imported = {name.split(".")[0] for node in nodes for name in targets(node)}
    assert not imported & {"pickle", "cPickle", "shelve", "marshal", "dill", "cloudpickle"}
    assert [n.lineno for n in nodes if isinstance(n, ast.ExceptHandler) and n.type is None] == []


# the face


def test_public_names():
    assert interplay.__all__ == PUBLIC
    assert dir(interplay) == PUBLIC
    assert len(PUBLIC) <= 25
    for name in PUBLIC:
        assert getattr(interplay, name).__doc__


def test_names_for_type_checkers_are_the_public_ones():
    block = next(n for n in TREES["__init__"].body if isinstance(n, ast.If))
    homes = {alias.name: node.module for node in block.body for alias in node.names}
    assert homes == {name: f"interplay.{home}" for name, home in interplay._HOMES.items()}
    assert set(homes) == set(PUBLIC)


def test_a_name_that_does_not_exist_names_those_that_do():
    with pytest.raises(AttributeError, match=r"no attribute 'quantity'; its names are .*quantify"):
        _ = interplay.quantity


def test_no_public_name_is_also_a_module():
    assert set(TREES) & set(PUBLIC) == set()


def fresh(code: str) -> str:
    """What a new Python prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_import_is_fast():
    """Under half a second, best of three."""
    code = "import time; t = time.perf_counter(); import interplay; print(time.perf_counter() - t)"
    assert min(float(fresh(code)) for _ in range(3)) < 0.5


@pytest.mark.parametrize("what", ["import interplay", "import interplay.cli.main"])
def test_import_pulls_nothing_heavy(what):
    heavy = "{'pandas', 'torch', 'matplotlib', 'sklearn', 'dask', 'polars'}"
    assert fresh(f"{what}; import sys; print(sorted({heavy} & set(sys.modules)))") == "[]"


def test_tables_and_bounds_pull_nothing_heavy():
    code = "import interplay as ip, sys; ip.bound_synergy; ip.bound_accuracy; ip.PairTables; "
    assert fresh(code + "print(sorted({'pandas', 'torch', 'matplotlib', 'sklearn'} & set(sys.modules)))") == "[]"
