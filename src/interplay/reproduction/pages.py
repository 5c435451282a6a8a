"""Documentation pages from the JSON of a run: claim, command, verdict, pictures, tables; nothing else goes in."""

from interplay.report.words import esc
from interplay.reproduction.study import Json, Study

INTRODUCTION = """# The paper, reproduced

What `interplay reproduce` finds for each result of Liang et al., *Multimodal Learning Without Labeled Multimodal Data:
Guarantees and Applications* (ICLR 2024, arXiv 2306.04539). Each page is written by the command from the JSON beside it;
a test compares them. Run all of it with

```sh
interplay reproduce --out DIR               # under 30 minutes on two cores; resumes when interrupted
interplay reproduce --quick --out DIR       # under two minutes
interplay reproduce --data DATA --out DIR   # with the data sets in a folder of yours, see real-data
```

The paper's figures are those that its public reviews quote and that its released notebooks print; the text of the
paper itself was not available. All information is in bits.

| result | verdict |
| --- | --- |
"""


def render_page(document: Json, study: Study, pictures: list[str]) -> str:
    """Markdown of one study: its claim, command, verdict, pictures, tables and reasons."""
    images = "".join(f"![{name.replace('-', ' ')}]({name}.svg)\n\n" for name in pictures)
    return (
        f"# {document['title']}\n\n"
        f"**Claim.** {document['claim']}\n\n"
        f"**Command.** `{document['command']}`\n\n"
        f"**{_verdict(document)}**\n\n"
        f"{images}{study.body(document['results'])}\n"
        f"## Where and why they differ\n\n{study.why}\n\n"
        f"{_run(document)}\n"
    )


def render_pictures(document: Json, study: Study) -> dict[str, str]:
    """SVG by name, each with the command, seed, versions and date of its run inside."""
    told = f"{document['command']}; {_made(document['run'])}"
    desc = f"<desc>{esc(told)}</desc>"
    return {
        name: svg.replace("</title>", f"</title>{desc}", 1) for name, svg in study.pictures(document["results"]).items()
    }


def render_index(documents: list[Json]) -> str:
    """Markdown of the overview: one line a study."""
    lines = [f"| [{d['title']}]({d['study']}.md) | {_verdict(d)} |\n" for d in documents]
    return INTRODUCTION + "".join(lines)


def _verdict(document: Json) -> str:
    verdict = document["verdict"]
    join = " " if verdict["status"].endswith("but") else ": "
    return f"{verdict['status']}{join}{verdict['sentence']}"


def _run(document: Json) -> str:
    run = document["run"]
    size = "quick" if run["quick"] else "full"
    name = document["study"]
    return f"---\n\nA {size} run, {_made(run)}. All numbers: [{name}.json]({name}.json)."


def _made(run: Json) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in run["versions"].items())
    return f"seed {run['seed']}, {run['seconds']} processor seconds, finished {run['finished']}; {versions}"
