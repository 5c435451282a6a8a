"""The references that are made from the code: public names from docstrings, commands from their parsers."""

import argparse
import ast
import dataclasses
import inspect
import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import interplay
from interplay.cli.parsers import COMMANDS, make_parser

NAME = re.compile(r"^::: ([\w.]+)$", re.M)
EXTRAS = {"torch", "dask"}
REST = "<!-- rest -->"


def api_blocks(text: str) -> str:
    """Each line `::: name` replaced by what the docstring says; public names that no line names come last."""
    named = {name.removeprefix("interplay.") for name in NAME.findall(text)}
    rest = [f"::: interplay.{name}" for name in interplay.__all__ if name not in named]
    more = "## Also public\n\n" + "\n\n".join(rest) if rest else ""
    return NAME.sub(lambda m: _entry(m[1]), text.replace(REST, more))


def _entry(path: str) -> str:
    try:
        thing = resolve(path)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in EXTRAS:
            raise
        return _unloaded(path)
    doc = inspect.getdoc(thing)
    if not doc:
        raise LookupError(f"{path} has no docstring")
    short = path.removeprefix("interplay.") if path.count(".") == 1 else path
    parts = [f"### {short}", f"```python\n{_signature(path.split('.')[-1], thing)}\n```", doc]
    if inspect.isclass(thing):
        parts += [_member(name, member) for name, member in _members(thing)]
    return "\n\n".join(part for part in parts if part)


def _unloaded(path: str) -> str:
    """An entry from the source alone, for what needs an extra that is not installed where the site is built."""
    module, _, name = path.rpartition(".")
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    node = next(n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == name)
    doc = ast.get_docstring(node)
    if not doc:
        raise LookupError(f"{path} has no docstring")
    if isinstance(node, ast.ClassDef):
        return f"### {path}\n\n```python\nclass {name}\n```\n\n{doc}"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"### {path}\n\n```python\n{name}({ast.unparse(node.args)}){returns}\n```\n\n{doc}"


def resolve(path: str) -> Any:
    """The object at a dotted path. Raises if there is none."""
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def _signature(name: str, thing: Any) -> str:
    if inspect.isclass(thing) and not dataclasses.is_dataclass(thing):
        return f"class {name}"
    if dataclasses.is_dataclass(thing):
        fields = "".join(f"    {f.name}: {_kind(f.type)}\n" for f in dataclasses.fields(thing))
        return f"class {name}:\n{fields}".rstrip()
    signature = inspect.signature(thing)
    arguments = [_argument(p) for p in signature.parameters.values()]
    first = next((p for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY), None)
    if first is not None:
        arguments.insert(list(signature.parameters).index(first.name), "*")
    returns = (
        f" -> {_kind(signature.return_annotation)}"
        if signature.return_annotation is not inspect.Signature.empty
        else ""
    )
    one = f"{name}({', '.join(arguments)}){returns}"
    return one if len(one) <= 88 else f"{name}(\n    " + ",\n    ".join(arguments) + f",\n){returns}"


def _argument(p: inspect.Parameter) -> str:
    kind = "" if p.annotation is p.empty else f": {_kind(p.annotation)}"
    return f"{p.name}{kind}" + ("" if p.default is p.empty else f" = {p.default!r}")


def _kind(annotation: Any) -> str:
    """A type as one would write it."""
    if inspect.isclass(annotation) and not getattr(annotation, "__args__", None):
        return annotation.__name__
    text = annotation if isinstance(annotation, str) else str(annotation)
    text = re.sub(r"numpy\.ndarray\[tuple\[typing\.Any, \.\.\.\], numpy\.dtype\[[^\]]*\]\]", "NDArray", text)
    return re.sub(r"\b(?:[a-z_0-9]+\.)+(?=[A-Z_])", "", text)


def _members(thing: type) -> list[tuple[str, Any]]:
    shown = []
    for name, member in vars(thing).items():
        documented = isinstance(member, property) or inspect.isfunction(member) or isinstance(member, classmethod)
        if not name.startswith("_") and documented and inspect.getdoc(getattr(thing, name)):
            shown.append((name, member))
    return shown


def _member(name: str, member: Any) -> str:
    inner = member.__func__ if isinstance(member, classmethod) else member
    doc = " ".join((inspect.getdoc(inner) or "").split())
    if isinstance(member, property):
        return f"- `.{name}`: {doc}"
    names = [p for p in inspect.signature(inner).parameters if p not in ("self", "cls")]
    return f"- `.{name}({', '.join(names)})`: {doc}"


def cli_reference() -> str:
    """The help of every command, as a terminal of 88 columns shows it."""
    _, modules = make_parser(COMMANDS)
    parts = [f"\n\n## interplay {name}\n\n```text\n{_help(name)}\n```" for name in modules]
    return "".join(parts) + "\n"


def _help(name: str) -> str:
    parser, _ = make_parser(COMMANDS)
    subparsers = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    child = subparsers.choices[name]
    child.formatter_class = _Wide
    return child.format_help().rstrip()


class _Wide(argparse.RawDescriptionHelpFormatter):
    """The width does not depend on who builds."""

    def __init__(self, prog: str):
        super().__init__(prog, width=88)
