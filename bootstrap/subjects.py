"""What GitHub says of a workflow when it asks AWS for a role: the subject of its OIDC token.

Repositories made, renamed or moved since 15 July 2026 (GitHub first said 18 June), and those that opted in, carry the
numbers of owner and repository as well (`repo:OWNER@1/NAME@2:…`), so that whoever gets an abandoned name does not get
its roles. A role trusts one of the two spellings, never both.

Sources: GitHub's OpenID Connect reference, "Immutable subject claims"; its changelog of 23 April 2026.
"""

from typing import Any

import pulumi

from bootstrap.settings import Github
from components.grants import policy

HOST = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"


def subject(github: Github, context: str) -> str:
    """The subject of a job in `context`: "environment:prod", "pull_request", "ref:refs/heads/main"."""
    owner, repository = github.owner, github.repository
    if github.owner_id is not None:
        owner, repository = f"{owner}@{github.owner_id}", f"{repository}@{github.repository_id}"
    return f"repo:{owner}/{repository}:{context}"


def deploying(github: Github, stack: str) -> list[str]:
    """Jobs that may change a stack: those in its environment, which is where approvals are asked for."""
    return [subject(github, f"environment:{stack}")]


def previewing(github: Github) -> list[str]:
    """Jobs that may look at a stack: pull requests from branches of the repository, and the search for drift."""
    return [subject(github, "pull_request"), subject(github, f"ref:refs/heads/{github.branch}")]


def trust(provider: pulumi.Input[str], subjects: list[str]) -> pulumi.Output[str]:
    """The trust policy of a role for workflows with one of `subjects`, word for word."""
    claims: dict[str, Any] = {f"{HOST}:aud": AUDIENCE, f"{HOST}:sub": subjects}
    return policy(
        [
            {
                "Effect": "Allow",
                "Principal": {"Federated": provider},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": claims},
            }
        ]
    )
