"""`interplay completion`: shell scripts that complete commands, flags and files, made from the parser itself."""

import argparse

from interplay.cli.output import answer
from interplay.cli.parsers import COMMANDS, make_parser

EXAMPLES = """examples:
  interplay completion bash \\
      > ~/.local/share/bash-completion/completions/interplay
  interplay completion zsh >> ~/.zshrc
  interplay completion fish > ~/.config/fish/completions/interplay.fish
"""
BASH = """_interplay() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} flags=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{commands} --help --version" -- "$current"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{cases}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}}
complete -o filenames -F _interplay interplay
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell that will read the script")


def execute(options: argparse.Namespace) -> int:
    """Print the script."""
    script = {"bash": bash, "zsh": zsh, "fish": fish}[options.shell]()
    told = {"shell": options.shell, "script": script}
    answer(told, lambda: script.rstrip("\n"), json=options.json, csv=options.csv)
    return 0


def flags_of() -> dict[str, list[tuple[str, str]]]:
    """Command -> its long flags with their help."""
    parser, _ = make_parser(COMMANDS)
    subparsers = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return {
        name: [(o, a.help or "") for a in child._actions for o in a.option_strings if o.startswith("--")]
        for name, child in subparsers.choices.items()
    }


def bash() -> str:
    """For bash 4 and later."""
    cases = "\n".join(f'    {name}) flags="{" ".join(f for f, _ in flags)}" ;;' for name, flags in flags_of().items())
    return BASH.format(commands=" ".join(COMMANDS), cases=cases)


def zsh() -> str:
    """For zsh, which can read the script of bash."""
    return "autoload -U +X bashcompinit && bashcompinit\n" + bash()


def fish() -> str:
    """For fish."""
    lines = [f"complete -c interplay -n __fish_use_subcommand -f -a {n} -d {_quoted(s)}" for n, s in COMMANDS.items()]
    for name, flags in flags_of().items():
        lines += [
            f"complete -c interplay -n '__fish_seen_subcommand_from {name}' -l {flag[2:]} -d {_quoted(text)}"
            for flag, text in flags
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
