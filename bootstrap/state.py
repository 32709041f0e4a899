"""Where the stacks' state lives: a bucket of its own with a key of its own, and for each stack a key for its secrets.

Pulumi locks a stack by a file beside its state, which every update writes first and removes last; a second update sees
it and stops. Versions keep every state that ever was, and no workflow can remove one.
Sources: Pulumi, "Using a DIY backend" and its diy backend's store and lock; Go CDK, awskms.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.bucket import Keeping, SecureBucket, SecureBucketArgs
from components.grants import Statement, service_statement
from components.keys import make_key, make_key_policy
from components.naming import Names
from components.place import Place
from components.stores import Bucket, Key

PROJECT = "penstock"
READ_OBJECTS = ("s3:GetObject",)
WRITE_OBJECTS = ("s3:DeleteObject", "s3:PutObject")
"""To remove an object is to put a marker in front of its versions: they stay."""
LIST = "s3:ListBucket"
DECRYPT, ENCRYPT = "kms:Decrypt", "kms:Encrypt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Users:
    """ARNs of a stack's roles: those that only read its state, and those that change it."""

    readers: Sequence[str]
    writers: Sequence[str]

    @property
    def all(self) -> list[str]:
        """Both."""
        return [*self.readers, *self.writers]


@dataclass(frozen=True, kw_only=True, slots=True)
class StateStoreArgs:
    """`users` are by stack; `administrators` are ARNs that may hold stars."""

    names: Names
    place: Place
    users: Mapping[str, Users]
    administrators: Sequence[str]
    noncurrent_days: int
    log_days: int


class StateStore(pulumi.ComponentResource):
    """The state's bucket, its access log, its key, and the keys that the stacks' secrets are encrypted with."""

    bucket: Bucket
    key: Key
    secrets_keys: dict[str, Key]

    def __init__(self, name: str, args: StateStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:bootstrap:StateStore", name, None, opts)
        self._args = args
        self.key = make_key("state", names=args.names, place=args.place, protected=True, parent=self)
        make_key_policy("state", self.key, [], names=args.names, parent=self)
        logs = self._bucket("logs", None, Keeping(noncurrent_days=args.log_days, expire_days=args.log_days), None)
        state = self._bucket("state", self.key, Keeping(noncurrent_days=args.noncurrent_days), logs.name)
        self.bucket = state.store()
        logs.make_policy([self._log_delivery(logs, state)])
        state.make_policy(list(self._borders(state.arn)))
        self.secrets_keys = {stack: self._secrets_key(stack, users) for stack, users in args.users.items()}
        self.register_outputs({"bucket": self.bucket.name})

    def backend_url(self) -> pulumi.Output[str]:
        """What `PULUMI_BACKEND_URL` is."""
        return pulumi.Output.concat("s3://", self.bucket.name, "?region=", self._args.place.region, "&awssdk=v2")

    def secrets_provider(self, purpose: str) -> str:
        """What `pulumi stack init --secrets-provider` wants to know: "state" for the bootstrap's, "secrets-STACK"."""
        alias = self._args.names.exact("alias", purpose)
        return f"awskms://alias/{alias}?region={self._args.place.region}&awssdk=v2"

    def allow_read(self, stack: str) -> list[Statement]:
        """Reading a stack's state and its secrets."""
        paths = (*self._paths(stack), self._path("meta.yaml"))
        return [
            Statement(actions=(LIST,), resources=(self.bucket.arn,)),
            Statement(actions=READ_OBJECTS, resources=paths),
            self.key.use("s3", [DECRYPT], {"aws:s3:arn": self.bucket.arn}),
            Statement(actions=(DECRYPT,), resources=(self.secrets_keys[stack].arn,)),
        ]

    def allow_write(self, stack: str) -> list[Statement]:
        """Changing a stack's state, and encrypting what is secret in it."""
        return [
            *self.allow_read(stack),
            Statement(actions=WRITE_OBJECTS, resources=tuple(self._paths(stack))),
            self.key.use("s3", ["kms:GenerateDataKey"], {"aws:s3:arn": self.bucket.arn}),
            Statement(actions=(ENCRYPT,), resources=(self.secrets_keys[stack].arn,)),
        ]

    def _bucket(
        self, purpose: str, key: Key | None, keeping: Keeping, access_logs: pulumi.Output[str] | None
    ) -> SecureBucket:
        return SecureBucket(
            purpose,
            SecureBucketArgs(
                names=self._args.names,
                purpose=purpose,
                key=key,
                keeping=keeping,
                access_logs=access_logs,
                protected=True,
                deletable=False,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _secrets_key(self, stack: str, users: Users) -> Key:
        """Its own policy refuses all others, so that a mistake in a role's policy opens no other stack's secrets."""
        purpose = f"secrets-{stack}"
        key = make_key(purpose, names=self._args.names, place=self._args.place, protected=True, parent=self)
        insiders = [*users.all, *self._administrators()]
        border = _refuse(
            "SecretsOfOneStackForItsRoles", ["kms:Decrypt", "kms:Encrypt", "kms:ReEncrypt*"], ["*"], insiders
        )
        make_key_policy(purpose, key, [border], names=self._args.names, parent=self)
        return key

    def _borders(self, arn: pulumi.Output[str]) -> Sequence[dict[str, Any]]:
        administrators = self._administrators()
        insiders = [one for users in self._args.users.values() for one in users.all] + administrators
        everything = [arn, pulumi.Output.concat(arn, "/*")]
        objects = ["s3:*Object*", "s3:ListBucket*"]
        keeping = ["s3:DeleteObjectVersion", "s3:PutBucketVersioning", "s3:PutLifecycleConfiguration"]
        return [
            _refuse("StateForDeployersAndAdministrators", objects, everything, insiders),
            _refuse("OldStatesStay", keeping, everything, administrators),
            _refuse("LayoutStays", list(WRITE_OBJECTS), [self._path("meta.yaml")], administrators),
            *(self._border(stack, users, arn) for stack, users in self._args.users.items()),
        ]

    def _border(self, stack: str, users: Users, arn: pulumi.Output[str]) -> dict[str, Any]:
        return {
            "Sid": f"StateOf{stack.title().replace('-', '')}Only",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "NotResource": [arn, self._path("meta.yaml"), *self._paths(stack)],
            "Condition": {"ArnEquals": {"aws:PrincipalArn": users.all}},
        }

    def _paths(self, stack: str) -> list[pulumi.Output[str]]:
        return [
            self._path(f"stacks/{PROJECT}/{stack}.*"),
            self._path(f"locks/organization/{PROJECT}/{stack}/*"),
            *(self._path(f"{folder}/{PROJECT}/{stack}/*") for folder in ("backups", "history", "journal")),
        ]

    def _path(self, path: str) -> pulumi.Output[str]:
        return pulumi.Output.concat(self.bucket.arn, "/.pulumi/", path)

    def _administrators(self) -> list[str]:
        place = self._args.place
        return [*self._args.administrators, f"arn:{place.partition}:iam::{place.account}:root"]

    def _log_delivery(self, logs: SecureBucket, state: SecureBucket) -> dict[str, Any]:
        return service_statement(
            "logging.s3.amazonaws.com",
            ["s3:PutObject"],
            pulumi.Output.concat(logs.arn, "/*"),
            {
                "StringEquals": {"aws:SourceAccount": self._args.place.account},
                "ArnLike": {"aws:SourceArn": [state.arn]},
            },
        )


def _refuse(sid: str, actions: list[str], resources: Sequence[pulumi.Input[str]], but: Sequence[str]) -> dict[str, Any]:
    """A statement of a resource's own policy that refuses everyone whose ARN is not in `but`."""
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": list(resources),
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": list(but)}},
    }
