"""What the stacks may cost: a budget for each, and the topic that says when one is reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from bootstrap.settings import Stack
from components.grants import service_statement
from components.keys import make_key, make_key_policy
from components.messaging import make_topic
from components.naming import Names
from components.place import Place
from components.stores import DATA_KEY, DECRYPT, Topic

SERVICE = "budgets.amazonaws.com"
# Percent of the budget, spent already or expected by the end of the month.
THRESHOLDS = ((80, "ACTUAL"), (100, "ACTUAL"), (100, "FORECASTED"))


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetsArgs:
    """`emails` hear when a budget is reached; their owners confirm first."""

    names: Names
    place: Place
    stacks: Sequence[Stack]
    emails: Sequence[str]


class Budgets(pulumi.ComponentResource):
    """Budgets count what bears the stack's tag, from the day on which the tag is activated for cost allocation."""

    topic: Topic

    def __init__(self, name: str, args: BudgetsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:bootstrap:Budgets", name, None, opts)
        place = args.place
        binding = {
            "StringEquals": {"aws:SourceAccount": place.account},
            "ArnLike": {"aws:SourceArn": f"arn:{place.partition}:budgets::{place.account}:*"},
        }
        key = make_key("budgets", names=args.names, place=place, protected=True, parent=self)
        use = service_statement(SERVICE, [DECRYPT, DATA_KEY], "*", binding)
        make_key_policy("budgets", key, [use], names=args.names, parent=self)

        def budgets(arn: pulumi.Output[str]) -> list[dict[str, Any]]:
            return [service_statement(SERVICE, ["sns:Publish"], arn, binding)]

        self.topic = make_topic(
            "budgets", names=args.names, key=key, parent=self, emails=args.emails, publishers=budgets
        )
        for stack in args.stacks:
            self._make_budget(args.names, stack)
        self.register_outputs({"topic_arn": self.topic.arn})

    def _make_budget(self, names: Names, stack: Stack) -> None:
        logical = f"{names.prefix}{stack.name}"
        aws.budgets.Budget(
            logical,
            name=logical,
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(stack.monthly_usd),
            limit_unit="USD",
            cost_filters=[aws.budgets.BudgetCostFilterArgs(name="TagKeyValue", values=[f"user:stack${stack.name}"])],
            notifications=[
                aws.budgets.BudgetNotificationArgs(
                    comparison_operator="GREATER_THAN",
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                    notification_type=sort,
                    subscriber_sns_topic_arns=[self.topic.arn],
                )
                for percent, sort in THRESHOLDS
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
