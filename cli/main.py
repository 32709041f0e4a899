"""`penstock`: upload files, see what becomes of them, and get the results."""

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli import boards, deleting, putting, redriving, running, transfer, units, view
from cli.following import Progress
from cli.hostile import listed
from cli.options import Common, command, usage
from cli.platform import Link
from cli.problems import MEANINGS, Code, Problem
from cli.records import Record
from runtime.domain.deletions import GONE
from runtime.domain.member_names import archive_name

_STATES = ("received", "scanning", "processing", "succeeded", "rejected", "failed")
_EPILOG = "Exit status: " + "; ".join(f"{code.value} {meaning}" for code, meaning in MEANINGS.items()) + "."

app = typer.Typer(
    name="penstock",
    help="Upload files, see what becomes of them, and get the results. It works on the local cloud that `penstock up` "
    "starts, or with --stack or --outputs on a deployed stack, with your own AWS credentials.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the file: its key in the upload bucket.")]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there already.")]


@command(app, platform=False)
def up(
    here: Common,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the AWS endpoint; 0 takes a free one.")] = 0,
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many functions may run at once; twice the cores if not given.")
    ] = None,
) -> None:
    """Start the platform on this machine, and keep it up until Ctrl-C."""
    # The local cloud and Pulumi are needed here alone, and take a second to load.
    from cli import serving  # noqa: PLC0415
    from local.limits import LIMITS  # noqa: PLC0415

    running.refuse_second()

    def say(text: str) -> None:
        if here.err.is_terminal or not here.as_json:
            here.err.print(text, markup=False)

    with serving.stoppable(), serving.serve(port=port, workers=workers, say=say) as served:
        with running.published(served.note):

            def show(console: Console) -> None:
                serving.show_limits(console, served.deployment)
                console.print()
                serving.show_place(console, served)
                console.print("\nIt is up. Try `penstock put FILE` in another terminal; Ctrl-C stops it.")

            here.answer(
                {
                    "endpoint": served.cloud.endpoint,
                    "pid": os.getpid(),
                    "outputs": served.deployment.outputs,
                    "resources": served.deployment.resources,
                    "not_emulated": served.deployment.not_emulated,
                    "limits": list(LIMITS),
                },
                show,
            )
            serving.wait()
        say("stopping")


@command(app)
def put(
    here: Common,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Files, and folders with all that is in them.")],
    prefix: Annotated[str, typer.Option(help="Goes before every name, as in `incoming/`.")] = "",
    name: Annotated[str | None, typer.Option(help="Name to upload one file under, instead of its own.")] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the result.")] = True,
    timeout: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for each file after its upload.")
    ] = 900.0,
) -> Code:
    """Upload files, and wait for what becomes of exactly these versions."""
    jobs = putting.jobs_for(files, prefix=prefix, name=name)
    platform = here.platform()
    with boards.board(here.err) as board:
        outcomes = putting.put(platform, jobs, board, wait=wait, seconds=timeout)
    code = putting.gravest(outcomes)
    here.answer({"files": [view.outcome_json(one) for one in outcomes]}, lambda out: view.show_outcomes(out, outcomes))
    return code


@command(app)
def ls(
    here: Common,
    state: Annotated[str | None, typer.Option(help="Only files in this state: " + ", ".join(_STATES) + ".")] = None,
    prefix: Annotated[str, typer.Option(help="Only files whose names begin like this.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 50,
) -> None:
    """List files, newest first."""
    if state is not None and state not in _STATES:
        raise usage(f"--state {state}: there is no such state; it is one of {', '.join(_STATES)}")
    wanted = [one for one in here.platform().files() if one.name.startswith(prefix) and state in (None, one.state)]
    wanted.sort(key=lambda one: (one.received_at or "", one.name), reverse=True)
    more = max(len(wanted) - limit, 0)
    shown = wanted[:limit]
    here.answer(
        {"files": [one.as_json() for one in shown], "more": more}, lambda out: view.show_files(out, shown, more)
    )


@command(app)
def status(
    here: Common,
    name: Name,
    version: Annotated[str | None, typer.Option(help="A version other than the newest; its beginning will do.")] = None,
) -> None:
    """Show a file, its ledger step by step, and what was made of it."""
    platform = here.platform()
    entries = platform.entries(name)
    newest = platform.file(name)
    if newest is None and not entries:
        raise platform.unknown(name)
    chosen = _version(name, entries, version) if version else newest.version if newest else entries[-1].version
    own = [one for one in entries if one.version == chosen]
    # Of a deleted file `Files` has a mark against what comes late, and nothing to show.
    is_shown = newest is not None and newest.version == chosen and newest.state not in GONE
    shown = newest if newest is not None and is_shown else own[-1]
    result = platform.result(shown)
    others = sorted({one.version for one in entries} - {chosen})
    here.answer(
        {
            "file": shown.as_json(),
            "ledger": [{**one.as_json(), "after": after} for one, after in zip(own, view.pauses(own), strict=True)],
            "result": result,
            "other_versions": others,
        },
        lambda out: view.show_status(out, shown, own, result, others),
    )


@command(app)
def get(
    here: Common,
    name: Name,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File or folder to write to; its own name if not given.")
    ] = None,
    force: Force = False,
) -> None:
    """Download a file's archive and verify all of it: the archive's SHA-256, and that of every member."""
    link = here.platform().link(name)
    target = output or Path()
    if target.is_dir():
        target /= archive_name(name)
    with boards.board(here.err, verb="downloading") as board:
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            board.sent(target.name, done, link.size)

        members = transfer.download(link, target, force=force, count=count)
        board.moved(target.name, Progress(state="verified"))
    here.answer(
        {
            "name": name,
            "path": str(target),
            "size": link.size,
            "sha256": link.sha256,
            "members": [{"name": one.name, "size": one.size, "sha256": one.sha256} for one in members],
        },
        lambda out: view.show_members(out, f"{target} ({units.size(link.size)}, SHA-256 {link.sha256})", members),
    )


@command(app)
def link(here: Common, name: Name) -> None:
    """Print a fresh signed link to a file's archive; when it expires is said on standard error."""
    made: Link = here.platform().link(name)
    if not here.as_json:
        here.err.print(f"until {made.expires}, {units.size(made.size)}, SHA-256 {made.sha256}", style="dim")
    here.answer(
        {"name": name, "link": made.url, "expires": made.expires, "sha256": made.sha256, "size": made.size},
        lambda out: view.show_link(out, made),
    )


@command(app)
def redrive(
    here: Common,
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WHAT",
            help="Names of files that failed; or a queue whose dead letters go back into it: "
            f"{', '.join(redriving.QUEUES)}.",
        ),
    ] = None,
    all_failed: Annotated[bool, typer.Option("--all-failed", help="All files that have failed.")] = False,
    version: Annotated[str | None, typer.Option(help="A version of the file other than the newest.")] = None,
    files: Annotated[bool, typer.Option("--files", help="WHAT are files, whatever their names.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for what becomes of files.")] = True,
    timeout: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for each file after its start.")
    ] = 900.0,
) -> Code:
    """Start files again that failed, or send dead letters back. Nothing is done twice by doing this twice."""
    queues = [] if files else [one for one in what or [] if one in redriving.QUEUES]
    names = [one for one in what or [] if one not in queues]
    if bool(what) == all_failed:
        raise usage("name what is to be started again, or give --all-failed")
    if version is not None and len(names) != 1:
        raise usage("--version is for one file")
    platform = here.platform()
    with boards.board(here.err, verb="sending back") as board:
        moved = [redriving.dead_letters(platform, queue, board) for queue in queues]
    if all_failed:
        names = redriving.failed_names(platform)
    with boards.board(here.err) as board:
        again = redriving.files(platform, names, board, version=version, wait=wait, seconds=timeout)
    here.answer(
        {"queues": [asdict(one) for one in moved], "files": [one.as_json() for one in again]},
        lambda out: view.show_redriven(out, moved, again),
    )
    return putting.gravest([*again, *moved])


@command(app)
def delete(
    here: Common,
    names: Annotated[
        list[str], typer.Argument(metavar="NAME", help="Names of files: their keys in the upload bucket.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; needed where nobody can be asked.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until nothing is left of them.")] = True,
    timeout: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for each file.")] = 900.0,
) -> Code:
    """Delete files with all their versions and results, where the stack's setting `api.deletes` allows it.

    Backups and the ledger are kept for their time.
    """
    platform, wanted = here.platform(), list(dict.fromkeys(names))
    if not yes:
        _confirm(here, f"Delete {', '.join(wanted)} on {platform.name}, with all versions and results?")
    with boards.board(here.err) as board:
        gone = deleting.delete(platform, wanted, board, wait=wait, seconds=timeout)
    here.answer({"files": [one.as_json() for one in gone]}, lambda out: view.show_deleted(out, gone))
    return putting.gravest(gone)


@command(app, platform=False)
def generate(
    here: Common,
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]", help="What to make; a list if not given.")] = None,
    size: Annotated[str, typer.Option(help="About how large, as in 700, 60MB or 5MiB.")] = "1MB",
    seed: Annotated[int, typer.Option(help="The same seed makes the same file.")] = 7,
    bad_every: Annotated[
        int, typer.Option(min=0, metavar="N", help="About one record in N is bad, where the kind has records.")
    ] = 0,
    hostile: Annotated[
        str, typer.Option(metavar="NAME", help=f"A variant that means harm, or that is spoilt. {listed()}.")
    ] = "",
    pixels: Annotated[
        str, typer.Option(metavar="WIDTHxHEIGHT", help="A picture's size in pixels, instead of --size.")
    ] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write to; - is standard output.")
    ] = None,
    force: Force = False,
) -> None:
    """Make a test file of some kind from a seed. The same kind, size and seed always give the same bytes."""
    from cli.generate import KINDS  # noqa: PLC0415
    from cli.generate import generate as pieces  # noqa: PLC0415

    kinds = {name: made.description for name, made in KINDS.items()}
    if kind is None:
        here.answer({"kinds": kinds}, lambda out: view.show_pairs(out, kinds))
        return
    if kind not in KINDS:
        raise usage(f"there is no kind {kind!r}; it is one of {', '.join(KINDS)}")
    try:
        made = pieces(
            kind,
            size=units.parse_size(size),
            seed=seed,
            bad_every=bad_every,
            hostile=hostile,
            pixels=units.parse_pixels(pixels) if pixels else None,
        )
    except ValueError as error:
        raise usage(str(error)) from None
    if output == Path("-"):
        if here.as_json:
            raise usage("--json and -o - both want the standard output")
        for piece in made:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    stem = "-".join([kind, *([hostile] if hostile else []), str(seed)])
    target = output or Path(f"{stem}.{KINDS[kind].extension.lstrip('.')}")
    written = transfer.write(target, made, force=force)
    here.answer(
        {"kind": kind, "seed": seed, "path": str(target), "size": written},
        lambda out: out.print(f"{target} ({units.size(written)})", markup=False, soft_wrap=True),
    )


@command(app)
def outputs(here: Common) -> None:
    """Print where everything is: the stack's outputs."""
    found = here.platform().outputs
    here.answer(found, lambda out: view.show_pairs(out, found))


def _confirm(here: Common, question: str) -> None:
    """Raises `Problem` unless somebody says yes."""
    if here.as_json or not sys.stdin.isatty():
        raise usage("--yes is needed where nobody can be asked")
    here.err.print(f"{question} [y/N] ", end="", markup=False, soft_wrap=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Problem(Code.INTERRUPTED, "nothing was deleted")


def _version(name: str, entries: list[Record], beginning: str) -> str:
    found = sorted({one.version for one in entries if one.version.startswith(beginning)})
    if not found:
        raise Problem(Code.NOT_FOUND, f"{name} has no version that begins with {beginning}")
    if len(found) > 1 and beginning not in found:
        raise usage(f"{name} has {len(found)} versions that begin with {beginning}: {', '.join(found)}")
    return beginning if beginning in found else found[0]


def main() -> None:
    """The entry point."""
    app()


if __name__ == "__main__":
    main()
