"""Gateway: the REST API as the document has it, the keys that its callers count under, and the way to it.

It comes before the distribution, which leads to it; the functions behind it come after, because they sign the
distribution's links. So it knows them by their names only.
"""

import hashlib
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.api.body import body
from components.api.document import load
from components.api.functions import AUTHORIZE, SERVES
from components.api.people import People, PeopleArgs
from components.api.stage import STAGE, make_plan, make_stage
from components.distribution.site import Site
from components.function import Home
from components.grants import policy
from components.settings import Api as ApiSettings
from components.signals import ApiSignal, Signal

PURPOSE = "api"
PEOPLE = "people"
"""The one key that all people's requests count under."""
ORIGIN_HEADER = "Referer"
"""The only header that a REST API's own policy can look at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayArgs:
    """`protected` keeps people's accounts from being deleted with the stack."""

    home: Home
    api: ApiSettings
    protected: bool


class Gateway(pulumi.ComponentResource):
    """The API, which nobody reaches but through the distribution.

    What comes another way would have passed no firewall, so the API's own policy denies it: the distribution alone
    knows the value of a header. That costs nothing and needs no second firewall, whose limit for an address would see
    CloudFront's addresses. The value opens nothing by itself: whoever knows it still needs a key.
    """

    name: pulumi.Output[str]
    id: pulumi.Output[str]
    execution_arn: pulumi.Output[str]
    site: Site
    signals: list[Signal]
    clients: dict[str, aws.apigateway.ApiKey]
    people_key: aws.apigateway.ApiKey | None
    people: People | None

    def __init__(self, name: str, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:api:Gateway", name, None, opts)
        self._names = args.home.names
        self._child = pulumi.ResourceOptions(parent=self)
        exact = self._names.exact("api", PURPOSE)
        secret: pulumi.Output[str] = pulumi.Output.secret(
            self._make_key("origin", "Says that a request came through the distribution").value
        )
        content, own_policy = definition(args.home, exact), _only_through_the_distribution(secret)
        api = aws.apigateway.RestApi(
            exact,
            name=exact,
            description=f"{self._names.project} {self._names.stack}",
            body=content,
            policy=own_policy,
            endpoint_configuration=aws.apigateway.RestApiEndpointConfigurationArgs(types="REGIONAL"),
            security_policy="SecurityPolicy_TLS13_1_2_2021_06",
            endpoint_access_mode="STRICT",
            api_key_source="AUTHORIZER",
            fail_on_warnings=True,
            opts=self._child,
        )
        self.clients = {
            client.name: self._make_key(f"client-{client.name}", f"The program {client.name}")
            for client in args.api.clients
        }
        self.people, self.people_key = None, None
        if args.api.sign_in == "cognito":
            self.people = People(
                "people", PeopleArgs(names=self._names, place=args.home.place, protected=args.protected), self._child
            )
            self.people_key = self._make_key(PEOPLE, "What people's requests count under")
        deployed = pulumi.Output.all(content, own_policy).apply(lambda parts: _digest("\n".join(parts)))
        stage = make_stage(args.home, api, deployed, args.api, self)
        clients = {f"client-{name}": key for name, key in self.clients.items()}
        plans = {
            "clients": (args.api.requests_per_minute, clients),
            PEOPLE: (args.api.people_per_minute, {PEOPLE: self.people_key} if self.people_key else {}),
        }
        for purpose, (per_minute, keys) in plans.items():
            if keys:
                make_plan(args.home, purpose, api=api, stage=stage, per_minute=per_minute, keys=keys, parent=self)
        self.name, self.id, self.execution_arn = api.name, api.id, api.execution_arn
        self.site = Site(
            api_domain=pulumi.Output.concat(api.id, f".execute-api.{args.home.place.region}.amazonaws.com"),
            header=ORIGIN_HEADER,
            secret=secret,
            sign_in_origin=self.people.origin if self.people else None,
        )
        self.signals = [ApiSignal(purpose=PURPOSE, name=api.name, stage=STAGE)]
        self.register_outputs({"id": api.id})

    def _make_key(self, purpose: str, description: str) -> aws.apigateway.ApiKey:
        """A key whose value API Gateway chooses."""
        return aws.apigateway.ApiKey(
            self._names.of("api key", f"{PURPOSE}-{purpose}"), description=description, enabled=True, opts=self._child
        )


def definition(home: Home, name: str) -> str:
    """The gateway's body for this stack's functions."""
    return body(
        load(),
        name=name,
        place=home.place,
        authorizer_arn=function_arn(home, AUTHORIZE.name),
        functions={tag: function_arn(home, function) for tag, function in SERVES.items()},
    )


def function_arn(home: Home, name: str) -> str:
    """A function's ARN before it exists."""
    return home.place.arn("lambda", f"function:{home.names.exact('function', name)}")


def _only_through_the_distribution(secret: pulumi.Output[str]) -> pulumi.Output[str]:
    everything = {"Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    return policy(
        [
            {
                "Sid": "ThroughTheDistribution",
                "Effect": "Allow",
                **everything,
                "Condition": {"StringEquals": {"aws:Referer": secret}},
            },
            # Without it the authorizer's word alone would let in what came another way.
            {
                "Sid": "NoOtherWay",
                "Effect": "Deny",
                **everything,
                "Condition": {"StringNotEquals": {"aws:Referer": secret}},
            },
        ]
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
