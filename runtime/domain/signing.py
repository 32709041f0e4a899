"""The key that signs links, as it lies in Secrets Manager."""

import json
from dataclasses import asdict, dataclass

KEY_SECONDS = 300
"""How long a function signs with a key before it looks whether there is a newer one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SigningKey:
    """`private_key` is PEM; `key_pair_id` is CloudFront's id of the public half."""

    private_key: str
    key_pair_id: str

    @classmethod
    def parse(cls, text: str) -> "SigningKey":
        """From the secret's value."""
        value = json.loads(text)
        return cls(private_key=value["private_key"], key_pair_id=value["key_pair_id"])

    def render(self) -> str:
        """The secret's value."""
        return json.dumps(asdict(self))
