"""Writes `docs/cli.md` from the commands themselves: `python -m cli.reference`."""

import inspect
from pathlib import Path
from typing import Any

import typer.main

from cli.main import app
from cli.problems import MEANINGS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"


def render() -> str:
    """The page."""
    group: Any = typer.main.get_command(app)
    shared = {option.name for option in _common(group)}
    parts = [
        "# The command `penstock`",
        "*Made by `python -m cli.reference` from the commands' own help.*",
        inspect.cleandoc(group.help),
        "Where the platform is: `--outputs FILE` (or PENSTOCK_OUTPUTS), then `--stack NAME`, which wins over the "
        "variable; without either, the local cloud that runs. That one leaves a note in "
        "`.penstock/local.json` of the project's folder; PENSTOCK_NOTE names another file for it.",
        "With `--json` the standard output is one JSON document and nothing else, errors included "
        '(`{"error": …, "code": …}`). Progress goes to standard error, and only when that is a terminal. '
        "NO_COLOR is respected.",
        "## Options of every command",
        "`up` and `generate` need no platform; they have the last two.",
        _options(_common(group)),
        "## Exit status",
        "\n".join(["| status | meaning |", "|---|---|", *(f"| {int(c)} | {text} |" for c, text in MEANINGS.items())]),
        "Of several files the gravest counts: failed, then timed out, then rejected.",
    ]
    for name, command in group.commands.items():
        arguments = [one for one in command.params if one.param_type_name == "argument"]
        own = [one for one in command.params if one.param_type_name == "option" and one.name not in shared]
        usage = " ".join(
            [
                "penstock",
                name,
                *(["[OPTIONS]"] if own else []),
                *(one.metavar + "…" * (one.nargs == -1) for one in arguments),
            ]
        )
        parts += [f"## `{usage}`", inspect.cleandoc(command.help)]
        parts += ["\n".join(f"- `{one.metavar}`: {one.help}" for one in arguments)] if arguments else []
        parts += [_options(own)] if own else []
    return "\n\n".join(parts) + "\n"


def _common(group: Any) -> list[Any]:
    """What `outputs` takes, which has no options of its own."""
    return [one for one in group.commands["outputs"].params if one.name != "help"]


def _options(options: list[Any]) -> str:
    rows = ["| option | default | meaning |", "|---|---|---|"]
    for one in options:
        names = ", ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts))
        default = "" if one.default in (None, False, "") else f"`{one.default}`".replace("True", one.opts[0])
        rows.append(f"| {names} | {default} | {one.help} |")
    return "\n".join(rows)


if __name__ == "__main__":
    PAGE.write_text(render())
