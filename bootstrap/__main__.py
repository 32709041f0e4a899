"""What the platform's stacks need before workflows can deploy them: settings in, components wired, outputs out."""

import sys
from pathlib import Path

# The engine runs this folder as a program, so the project's folder is not on the path.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pulumi

from bootstrap import settings
from bootstrap.access import StackAccess, StackAccessArgs, make_provider, provider_arn, users
from bootstrap.budgets import Budgets, BudgetsArgs
from bootstrap.state import PROJECT, StateStore, StateStoreArgs
from components import place
from components.naming import Names

wanted = settings.load()
names = Names(project=PROJECT, stack="bootstrap")
here = place.current()

state = StateStore(
    "state",
    StateStoreArgs(
        names=names,
        place=here,
        users={stack.name: users(names, here, stack.name) for stack in wanted.stacks},
        administrators=[
            f"arn:{here.partition}:iam::{here.account}:{administrator}"
            for administrator in wanted.access.administrators
        ],
        noncurrent_days=wanted.state.noncurrent_days,
        log_days=wanted.state.log_days,
    ),
)
provider = provider_arn(here) if wanted.github.existing_provider else make_provider(names).arn
access = {
    stack.name: StackAccess(
        stack.name,
        StackAccessArgs(
            names=names,
            place=here,
            platform=PROJECT,
            stack=stack,
            github=wanted.github,
            provider=provider,
            state=state,
        ),
    )
    for stack in wanted.stacks
}
budgets = Budgets("budgets", BudgetsArgs(names=names, place=here, stacks=wanted.stacks, emails=wanted.budgets.emails))

pulumi.export("region", here.region)
pulumi.export("state_bucket", state.bucket.name)
pulumi.export("backend_url", state.backend_url())
pulumi.export("bootstrap_secrets_provider", state.secrets_provider("state"))
pulumi.export("budgets_topic", budgets.topic.arn)
for stack, made in access.items():
    pulumi.export(
        stack,
        {
            "deploy_role_arn": made.deploy_role_arn,
            "preview_role_arn": made.preview_role_arn,
            "boundary_arn": made.boundary_arn,
            "secrets_provider": state.secrets_provider(f"secrets-{stack}"),
        },
    )
