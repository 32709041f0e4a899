"""Makes the first key pair of the signed links when a stack is deployed, and tidies up when it is destroyed (ADR 6)."""

import uuid
from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.clients import client
from runtime.adapters.key_group import StackKeys
from runtime.adapters.secrets import SecretVault
from runtime.adapters.signing import make_pair
from runtime.domain.signing import SigningKey


@cache
def _settings() -> environment.SigningKey:
    return environment.read(environment.SigningKey)


def handler(event: dict[str, Any], _context: Any) -> str:
    """Returns CloudFront's id of the current key, made if there is none. The private half stays in the secret.

    The provider says `{"tf": {"action": "delete"}}` when the stack is destroyed: the key group is gone then, and the
    keys that rotations have made, of which the stack knows nothing, go as well.
    """
    settings = _settings()
    keys, vault = (
        StackKeys(client("cloudfront"), settings.key_stem),
        SecretVault(client("secretsmanager"), settings.signing_secret),
    )
    leaving = event.get("tf", {}).get("action") == "delete"
    current = vault.current()
    if current is not None and not leaving:
        return current.key_pair_id
    for left_over in keys.ours():
        keys.discard(left_over)
    if leaving:
        return ""
    private, public = make_pair()
    made = SigningKey(private_key=private, key_pair_id=keys.publish(str(uuid.uuid4()), public))
    vault.begin(made)
    return made.key_pair_id
