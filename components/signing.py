"""Signing: the key that signs download links, the group of public keys that verifies them, its rotation (ADR 6)."""

from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from components.function import Function, FunctionArgs, FunctionSpec, Home
from components.grants import Statement
from components.signals import Signal
from components.stores import Key, Secret
from runtime import environment

SIGNING_KEY = FunctionSpec(
    name="signing_key",
    environment=environment.SigningKey,
    locks=("sign",),
    timeout_seconds=30,
    memory_mb=512,
    quick=True,
)
ROTATE_KEY = FunctionSpec(
    name="rotate_key",
    environment=environment.RotateKey,
    locks=("sign",),
    # One of its steps waits until all of CloudFront knows the new key.
    timeout_seconds=900,
    memory_mb=512,
    runbook="signing-key-rotation",
)
SECRETS_MANAGER = "secretsmanager.amazonaws.com"


@dataclass(frozen=True, kw_only=True, slots=True)
class SigningArgs:
    """`protected` delays the deletion of the private key by a month."""

    home: Home
    key: Key
    protected: bool


class Signing(pulumi.ComponentResource):
    """The secret with the private key, its first value, and the key group that a distribution trusts.

    Public keys belong to the two functions alone, because rotations make more of them than the program knows.
    """

    secret: Secret
    key_group_id: pulumi.Output[str]
    signals: list[Signal]

    def __init__(self, name: str, args: SigningArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:signing:Signing", name, None, opts)
        # A VPC without NAT does not lead to CloudFront's API, and neither function touches what lies inside.
        self._home = replace(args.home, placement=None)
        self._stem = args.home.names.exact("public key", "links")
        self._child = pulumi.ResourceOptions(parent=self)
        secret = aws.secretsmanager.Secret(
            args.home.names.of("secret", "signing-key"),
            description="Key that signs download links; made by the signing_key function, changed by rotate_key",
            kms_key_id=args.key.arn,
            recovery_window_in_days=30 if args.protected else 7,
            opts=self._child,
        )
        self.secret = Secret(arn=secret.arn, key=args.key)
        maker = self._make_function(SIGNING_KEY, {}, [*self.secret.allow_make(), public_keys()])
        group = aws.cloudfront.KeyGroup(
            args.home.names.of("delivery", "delivery"),
            items=[self._first_key(maker)],
            # Rotations change the items; with any other change the provider would put the first key back.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["comment", "items", "name"]),
        )
        self.key_group_id, self.signals = group.id, [maker.signal]
        self.register_outputs({"key_group_id": self.key_group_id})

    def rotate(self, distribution: aws.cloudfront.Distribution, *, days: int, link_seconds: int) -> Signal:
        """Has the key changed every so many days, for the one distribution that trusts the group; what to watch."""
        values: dict[str, pulumi.Input[str] | int] = {
            "key_group": self.key_group_id,
            "distribution": distribution.id,
            "link_seconds": link_seconds,
        }
        looks = Statement(actions=("cloudfront:GetDistribution",), resources=(distribution.arn,))
        rotator = self._make_function(
            ROTATE_KEY, values, [*self.secret.allow_rotate(), public_keys(), key_groups(), looks]
        )
        logical = self._home.names.of("function", ROTATE_KEY.name)
        permission = aws.lambda_.Permission(
            logical,
            function=rotator.name,
            action="lambda:InvokeFunction",
            principal=SECRETS_MANAGER,
            source_account=self._home.place.account,
            source_arn=self.secret.arn,
            opts=self._child,
        )
        aws.secretsmanager.SecretRotation(
            logical,
            secret_id=self.secret.arn,
            rotation_lambda_arn=rotator.arn,
            rotation_rules=aws.secretsmanager.SecretRotationRotationRulesArgs(automatically_after_days=days),
            # The key is new when the schedule is; Secrets Manager only tries the function out.
            rotate_immediately=False,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission, *rotator.ready]),
        )
        return rotator.signal

    def _make_function(
        self, spec: FunctionSpec, values: dict[str, pulumi.Input[str] | int], grants: list[Statement]
    ) -> Function:
        own = {"signing_secret": self.secret.arn, "key_stem": self._stem, **values}
        return Function(spec.name, FunctionArgs(home=self._home, spec=spec, values=own, grants=grants), self._child)

    def _first_key(self, maker: Function) -> pulumi.Output[str]:
        made = aws.lambda_.Invocation(
            self._home.names.of("function", SIGNING_KEY.name),
            function_name=maker.name,
            input="{}",
            # It is called once more when the stack is destroyed, after the key group: then all public keys go.
            lifecycle_scope="CRUD",
            opts=pulumi.ResourceOptions(parent=self, depends_on=maker.ready),
        )
        # The answer is a JSON string. Any text passes here, because a preview or a test may answer something else.
        return made.result.apply(lambda answer: answer.strip('"'))


def public_keys() -> Statement:
    """Making, finding and deleting public keys."""
    return Statement(
        actions=(
            "cloudfront:CreatePublicKey",
            "cloudfront:DeletePublicKey",
            "cloudfront:GetPublicKey",
            "cloudfront:ListPublicKeys",
        ),
        resources=("*",),
        reason="public keys of CloudFront are no resources in IAM",
    )


def key_groups() -> Statement:
    """Changing which public keys a group trusts."""
    return Statement(
        actions=("cloudfront:GetKeyGroup", "cloudfront:UpdateKeyGroup"),
        resources=("*",),
        reason="key groups of CloudFront are no resources in IAM",
    )
