"""What every command has in common: where the platform is, how to answer, and how a command ends."""

import inspect
import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from cli.platform import Platform, find
from cli.problems import Code, Problem, explain

# Wider than any table: what is not a terminal is read by programs, and nothing may be cut off or broken.
_WIDE = 10_000

_OPTIONS: Mapping[str, tuple[Any, Any]] = {
    "outputs": (
        Annotated[
            Path | None,
            typer.Option(envvar="PENSTOCK_OUTPUTS", help="JSON file with a stack's outputs.", show_envvar=True),
        ],
        None,
    ),
    "stack": (Annotated[str | None, typer.Option(help="Deployed stack; asks the Pulumi CLI for its outputs.")], None),
    "as_json": (Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")], False),
    "debug": (Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")], False),
}


# Names and reasons are written by strangers: they must not move the cursor, nor turn the direction of what is read.
_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class _Console(Console):
    """One that shows no control characters, and leaves it to its caller what a closed pipe means."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for one in super().render(renderable, options):
            yield one if one.control else one._replace(text=_UNSAFE.sub("\N{REPLACEMENT CHARACTER}", one.text))

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(*, stderr: bool = False) -> Console:
    """A console that is plain where there is no terminal, and colourless where NO_COLOR is set."""
    file = sys.stderr if stderr else sys.stdout
    return _Console(file=file, width=None if file.isatty() else _WIDE, highlight=False, emoji=False)


@dataclass(frozen=True, kw_only=True)
class Common:
    """The common options of one call, and its two consoles: `out` for answers, `err` for progress and errors."""

    outputs: Path | None
    stack: str | None
    as_json: bool
    debug: bool
    out: Console
    err: Console

    def platform(self) -> Platform:
        """The platform that is meant: --outputs, --stack, or the local cloud. Raises `Problem`."""
        # A stack that is named is meant, whatever the environment says.
        return find(outputs=None if self.stack else self.outputs, stack=self.stack)

    def answer(self, document: Any, show: Callable[[Console], None]) -> None:
        """The answer: `document` for programs, `show` for people."""
        if self.as_json:
            self.out.file.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
            self.out.file.flush()
        else:
            show(self.out)


def command(app: typer.Typer, *, platform: bool = True) -> Callable[[Callable[..., Code | None]], Callable[..., None]]:
    """Registers a function whose first parameter takes the `Common`; what it returns is the exit status.

    Without `platform` the command needs none, and has no options that say where it is.
    """
    taken = {name: one for name, one in _OPTIONS.items() if platform or name not in ("outputs", "stack")}

    def register(function: Callable[..., Code | None]) -> Callable[..., None]:
        @wraps(function)
        def run(**given: Any) -> None:
            options = {option: given.pop(option, None) for option in _OPTIONS}
            common = Common(**options, out=console(), err=console(stderr=True))
            raise typer.Exit(int(_ended(common, lambda: function(common, **given))))

        own = list(inspect.signature(function).parameters.values())[1:]
        shared = [
            inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for option, (annotation, default) in taken.items()
        ]
        parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own] + shared
        # Typer reads both.
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        app.command()(run)
        return run

    return register


def _ended(common: Common, work: Callable[[], Code | None]) -> Code:
    try:
        return work() or Code.FINE
    except BrokenPipeError:
        # Who read our answer has enough of it (`penstock ls | head`); the interpreter must not flush into it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Code.FINE
    except (Exception, KeyboardInterrupt) as error:
        problem = explain(error, hint=" (--debug shows where)")
        if common.debug:
            traceback.print_exc()
        if common.as_json:
            answer = {"error": str(problem), "code": problem.code.name.lower().replace("_", "-")}
            common.answer(answer, lambda _: None)
        common.err.print(f"penstock: {problem}", style="red", markup=False, soft_wrap=True)
        return problem.code


def usage(message: str) -> Problem:
    """The command asks for something that it must not."""
    return Problem(Code.USAGE, message)
