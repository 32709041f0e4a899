"""EventBridge: buses, rules and their targets."""

from local.resources.base import Cloud, Create, Inputs, Made, physical
from local.resources.shaping import shape


def bus(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The id is the name, as in the provider."""
    client = cloud.client("events")
    chosen = physical(name, inputs, limit=256)
    arn = client.create_event_bus(Name=chosen, **shape(client, "create_event_bus", inputs))["EventBusArn"]
    return chosen, {"name": chosen, "arn": arn}


def rule(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Rules of the default bus have the bare name as their id, others `BUS/NAME`."""
    client = cloud.client("events")
    chosen, bus_name = physical(name, inputs), inputs.get("eventBusName", "default")
    arn = client.put_rule(Name=chosen, **shape(client, "put_rule", inputs))["RuleArn"]
    made_id = chosen if bus_name == "default" else f"{bus_name}/{chosen}"
    return made_id, {"name": chosen, "arn": arn, "eventBusName": bus_name}


def target(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Raises `RuntimeError` when EventBridge reports the entry as failed, which it does in a 200 answer."""
    client = cloud.client("events")
    rule_name, bus_name = inputs.pop("rule"), inputs.pop("eventBusName", "default")
    inputs["id"] = chosen = physical(name, inputs, "targetId")
    params = shape(
        client,
        "put_targets",
        {"targets": [dict(inputs)]},
        {
            "inputPaths": "InputPathsMap",
            "maximumEventAgeInSeconds": "MaximumEventAgeInSeconds",
            "sqsTarget": "SqsParameters",
        },
    )
    inputs.clear()
    answer = client.put_targets(Rule=rule_name, EventBusName=bus_name, **params)
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"put_targets failed: {answer['FailedEntries']}")
    return f"{rule_name}-{chosen}", {"targetId": chosen, "eventBusName": bus_name}


CREATORS: dict[str, Create] = {
    "aws:cloudwatch/eventBus:EventBus": bus,
    "aws:cloudwatch/eventRule:EventRule": rule,
    "aws:cloudwatch/eventTarget:EventTarget": target,
}
