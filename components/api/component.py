"""Api: the functions behind the gateway, the table of open uploads, and the page as a place to sign in to."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.api.functions import AUTHORIZE, ApiFunctionsArgs, SignIn, make_functions
from components.api.gateway import Gateway
from components.api.stage import STAGE
from components.api.uploads_table import make_uploads_table
from components.distribution import Distribution
from components.function import Home
from components.ledger import Ledger
from components.settings import Api as ApiSettings
from components.signals import Signal, TableSignal
from components.storage import SecureStorage

NO_KEY = "none"
"""What stands for the key of people where there are none: API Gateway makes longer ones."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiArgs:
    """`gateway` leads to the functions, and `distribution` to the gateway."""

    home: Home
    storage: SecureStorage
    ledger: Ledger
    gateway: Gateway
    distribution: Distribution
    api: ApiSettings
    max_file_bytes: int
    protected: bool


class Api(pulumi.ComponentResource):
    """What answers.

    `keys` are the programs' by their names, None where there are no programs; `sign_in` is where people sign in and as
    which client, None where none do.
    """

    address: pulumi.Output[str]
    keys: pulumi.Output[dict[str, str]] | None
    people_pool_id: pulumi.Output[str] | None
    sign_in: tuple[pulumi.Output[str], pulumi.Output[str]] | None
    signals: list[Signal]

    def __init__(self, name: str, args: ApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:api:Api", name, None, opts)
        gateway, names = args.gateway, args.home.names
        table = make_uploads_table(names, args.storage.data_key, protected=args.protected, parent=self)
        values = {client: _value(key) for client, key in gateway.clients.items()}
        people, client_id = gateway.people, None
        if people:
            client_id = people.let_in([args.distribution.origin, *args.api.callback_origins])
        functions = make_functions(
            ApiFunctionsArgs(
                home=args.home,
                storage=args.storage,
                ledger=args.ledger,
                uploads=table,
                links=args.distribution.links,
                api=args.api,
                keys=values,
                people_key=_value(gateway.people_key) if gateway.people_key else NO_KEY,
                sign_in=SignIn(issuer=people.issuer, client=client_id) if people and client_id is not None else None,
                max_file_bytes=args.max_file_bytes,
            ),
            self,
        )
        for function, made in functions.items():
            # The number of the authorizer is known only once the body has been read.
            caller = "authorizers/*" if function == AUTHORIZE.name else f"{STAGE}/*"
            aws.lambda_.Permission(
                names.of("function", function),
                function=made.name,
                action="lambda:InvokeFunction",
                principal="apigateway.amazonaws.com",
                source_arn=pulumi.Output.concat(gateway.execution_arn, "/", caller),
                source_account=args.home.place.account,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.address = pulumi.Output.concat(args.distribution.origin, "/", STAGE)
        self.keys = pulumi.Output.all(**values) if values else None
        self.people_pool_id = people.pool_id if people else None
        self.sign_in = (people.origin, client_id) if people and client_id is not None else None
        self.signals = [
            *(function.signal for function in functions.values()),
            TableSignal(purpose="uploads", name=table.name),
        ]
        self.register_outputs({"address": self.address})


def _value(key: aws.apigateway.ApiKey) -> pulumi.Output[str]:
    value: pulumi.Output[str] = pulumi.Output.secret(key.value)
    return value
