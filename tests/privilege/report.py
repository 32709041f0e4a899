"""Writes `docs/least-privilege.md`: `python -m tests.privilege.report`."""

from collections.abc import Sequence
from pathlib import Path

from tests.privilege.grants import Grant, granted
from tests.privilege.mutation import Mutation, mutations, needs_of, program_of
from tests.privilege.needs import FLOW, Need
from tests.privilege.program import Program

PAGE = Path(__file__).resolve().parents[2] / "docs" / "least-privilege.md"
AWS = "https://docs.aws.amazon.com/"
HEAD = """# Least privilege

*Made from code by `make docs`, of the record of the flow that `make privilege` plays.*

Every action that a role of the stack `prod` is granted, and what needs it: **flow** means that the test of the whole
flow on the local cloud made this call and was allowed it by this grant; a link means that AWS makes the call behind the
scenes, as its documentation says. Names in braces are the stack's things, whatever they are called in a stack. The
calls are judged by the policies that the program writes: the role's, its boundary, the trust, the bucket's, queue's,
topic's, function's and key's ([ADR 8](adr/0008-iam-evaluation.md)).
"""
NEVER = "**never**"
STACK = "prod"


def users(program: Program, needs: Sequence[Need]) -> dict[Grant, set[str]]:
    """Of each grant, the sources of the calls that it serves."""
    found: dict[Grant, set[str]] = {grant: set() for grant in granted(program)}
    by_action: dict[tuple[str, str], list[Grant]] = {}
    for grant in found:
        by_action.setdefault((grant.role, grant.action), []).append(grant)
    for need in needs:
        request = need.request(program)
        for grant in by_action.get((request.principal, request.action), ()):
            if grant.serves(request):
                found[grant].add(need.source)
    return found


def render() -> str:
    """The page."""
    program = program_of(STACK)
    needs = needs_of(program)
    used = users(program, needs)
    tried = mutations(program, needs)
    unnoticed = sum(not one.noticed for one in tried)
    never = sum(not sources for sources in used.values())
    parts = [
        HEAD,
        f"{len(program.roles())} roles, {len(used)} grants, {never} never used. Each action of each role was taken "
        "away in turn, and each resource of it where there are more: "
        f"{len(tried)} tried, {unnoticed} unnoticed (`make mutate-grants` tries the other stacks as well).",
        "",
    ]
    for role in program.roles():
        arn, name = role.outputs["arn"], role.name.removeprefix(program.prefix + "-")
        parts += [f"## {name}", "", f"{role.inputs['description']}.", ""]
        parts += ["| action | on | if | used by |", "|---|---|---|---|"]
        for grant in sorted(one for one in used if one.role == arn):
            action, resource, conditions = grant.name(program)
            sources = ", ".join(map(_link, sorted(used[grant]))) or NEVER
            parts.append(f"| `{action}` | `{resource}` | {_code(conditions)} | {sources} |")
        parts.append("")
    parts += [*_services(needs), *_mutations(tried)]
    return "\n".join(parts) + "\n"


def _services(needs: Sequence[Need]) -> list[str]:
    rows: dict[tuple[str, str, str], set[str]] = {}
    for need in needs:
        if not need.principal.startswith("{"):
            rows.setdefault((need.principal, need.action, need.resource), set()).add(need.source)
    return [
        "## Services, by the policies of what they use",
        "",
        "| service | action | on | used by |",
        "|---|---|---|---|",
        *(f"| `{who}` | `{action}` | `{what}` | {', '.join(map(_link, sorted(sources)))} |"
          for (who, action, what), sources in sorted(rows.items())),
        "",
    ]  # fmt: skip


def _mutations(tried: Sequence[Mutation]) -> list[str]:
    """A row for each role and action; of a grant on one resource only, which one."""
    rows = []
    for one in tried:
        by = sorted({need.source for need in one.noticed})
        noticed = f"{len(one.noticed)} calls: {', '.join(map(_link, by))}" if by else "**nobody**"
        where = f"`{one.resource}`" if one.resource else "all"
        rows.append(f"| {one.role} | `{one.action}` | {where} | {noticed} |")
    return [
        "## Each grant taken away",
        "",
        "What was refused then, of all calls that the platform needs. The evaluation decides this; a sample of them is",
        "really taken away in the local cloud, where the flow then fails (`tests/privilege/test_rerun.py`).",
        "",
        "| role | without | on | refused |",
        "|---|---|---|---|",
        *rows,
    ]


def _link(source: str) -> str:
    return source if source == FLOW else f"[{source.rpartition('/')[2].partition('.')[0]}]({AWS}{source})"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


if __name__ == "__main__":
    PAGE.write_text(render())
