"""Documentation pages from the JSON of a run: claim, command, verdict, pictures, tables; nothing else goes in."""

from interplay.reproduction.study import Json

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


def render_page(document: Json, body: str, pictures: list[str]) -> str:
    """Markdown of one study."""
    images = "".join(f"![{name.replace('-', ' ')}]({name}.svg)\n\n" for name in pictures)
    return (
        f"# {document['title']}\n\n"
        f"**Claim.** {document['claim']}\n\n"
        f"**Command.** `{document['command']}`\n\n"
        f"**{_verdict(document)}**\n\n"
        f"{images}{body}\n"
        f"{_run(document)}\n"
    )


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
    made = ", ".join(f"{name} {number}" for name, number in run["versions"].items())
    size = "quick" if run["quick"] else "full"
    return (
        f"---\n\nA {size} run, seed {run['seed']}: {run['seconds']} processor seconds, finished {run['finished']}; "
        f"{made}. All numbers: [{document['study']}.json]({document['study']}.json)."
    )
