"""The roles that GitHub's workflows take up: for each stack one that deploys it and one that looks at it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from bootstrap import rights, subjects
from bootstrap.settings import Github, Stack
from bootstrap.state import LIST, READ_OBJECTS, WRITE_OBJECTS, StateStore, Users
from bootstrap.uses import Whose
from components import boundary
from components.grants import Statement, policy, render
from components.naming import Names
from components.place import Place

SESSION_SECONDS = 3600


def provider_arn(place: Place) -> str:
    """ARN of GitHub's OIDC provider: an account has one or none."""
    return f"arn:{place.partition}:iam::{place.account}:oidc-provider/{subjects.HOST}"


def role_arn(names: Names, place: Place, purpose: str) -> str:
    """ARN of a role before it is there."""
    return f"arn:{place.partition}:iam::{place.account}:role/{names.exact('role', purpose)}"


def users(names: Names, place: Place, stack: str) -> Users:
    """The roles of a stack, by ARN."""
    return Users(
        readers=[role_arn(names, place, f"preview-{stack}")], writers=[role_arn(names, place, f"deploy-{stack}")]
    )


def make_provider(names: Names) -> aws.iam.OpenIdConnectProvider:
    """GitHub's OIDC provider; IAM knows its certificates itself."""
    return aws.iam.OpenIdConnectProvider(
        f"{names.prefix}github",
        url=f"https://{subjects.HOST}",
        client_id_lists=[subjects.AUDIENCE],
        opts=pulumi.ResourceOptions(protect=True),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class StackAccessArgs:
    """`names` are the bootstrap's own; `platform` is the project whose stack it is. `provider` is GitHub's, by ARN."""

    names: Names
    place: Place
    platform: str
    stack: Stack
    github: Github
    provider: pulumi.Input[str]
    state: StateStore


class StackAccess(pulumi.ComponentResource):
    """All that workflows need to look at one stack and to deploy it, and the boundary of the stack's own roles."""

    deploy_role_arn: pulumi.Output[str]
    preview_role_arn: pulumi.Output[str]
    boundary_arn: pulumi.Output[str]

    def __init__(self, name: str, args: StackAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:bootstrap:StackAccess", name, None, opts)
        self._args = args
        self._whose = self._describe()
        stack = args.stack.name
        self.boundary_arn = self._make_platform_boundary()
        self._limits = self._make_limits()
        self.preview_role_arn = self._make_role(
            f"preview-{stack}",
            f"Looks at {args.platform} {stack} for pull requests",
            subjects.previewing(args.github),
            rights.reading(self._whose),
            args.state.allow_read(stack),
        )
        self.deploy_role_arn = self._make_role(
            f"deploy-{stack}",
            f"Deploys {args.platform} {stack}",
            subjects.deploying(args.github, stack),
            rights.deploying(self._whose, emptying=args.stack.deletable),
            args.state.allow_write(stack),
        )
        self.register_outputs({"deploy_role_arn": self.deploy_role_arn, "preview_role_arn": self.preview_role_arn})

    def _describe(self) -> Whose:
        names, place, stack = self._args.names, self._args.place, self._args.stack.name
        policy_name = names.exact("policy", f"boundary-{stack}")
        return Whose(
            project=self._args.platform,
            stack=stack,
            prefix=Names(project=self._args.platform, stack=stack).prefix,
            account=place.account,
            partition=place.partition,
            boundary_arn=f"arn:{place.partition}:iam::{place.account}:policy/{policy_name}",
        )

    def _make_platform_boundary(self) -> pulumi.Output[str]:
        platform = Names(project=self._args.platform, stack=self._args.stack.name)
        return self._policy(
            f"boundary-{platform.stack}",
            f"The most that a role of {platform.project} {platform.stack} may do",
            boundary.document(platform, self._args.place),
        ).arn

    def _make_limits(self) -> pulumi.Output[str]:
        stack = self._args.stack.name
        statements = rights.limits(
            self._whose,
            bootstrap=self._args.names.prefix,
            state_objects=(LIST, *READ_OBJECTS, *WRITE_OBJECTS),
        )
        about = f"The most that workflows may do to {self._args.platform} {stack}"
        return self._policy(f"limits-{stack}", about, policy(statements)).arn

    def _make_role(
        self,
        purpose: str,
        description: str,
        trusted: list[str],
        rights_on_stack: Sequence[Statement],
        rights_on_state: Sequence[Statement],
    ) -> pulumi.Output[str]:
        args, child = self._args, pulumi.ResourceOptions(parent=self)
        exact = args.names.exact("role", purpose)
        role = aws.iam.Role(
            exact,
            name=exact,
            description=description,
            assume_role_policy=subjects.trust(args.provider, trusted),
            permissions_boundary=self._limits,
            max_session_duration=SESSION_SECONDS,
            opts=child,
        )
        aws.iam.RolePolicy(args.names.of("role", purpose), role=role.name, policy=render(rights_on_state), opts=child)
        for number, part in enumerate(rights.split(rights_on_stack), start=1):
            made = self._policy(f"{purpose}-{number}", f"{description}, part {number}", render(part))
            aws.iam.RolePolicyAttachment(
                args.names.of("role", f"{purpose}-{number}"), role=role.name, policy_arn=made.arn, opts=child
            )
        return role.arn

    def _policy(self, purpose: str, description: str, document: pulumi.Input[str]) -> aws.iam.Policy:
        exact = self._args.names.exact("policy", purpose)
        return aws.iam.Policy(
            exact, name=exact, description=description, policy=document, opts=pulumi.ResourceOptions(parent=self)
        )
