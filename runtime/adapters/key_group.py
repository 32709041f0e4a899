"""CloudFront's public keys and the group of them that a distribution trusts (`runtime/domain/rotation.py`)."""

import hashlib
import re
import uuid
from collections.abc import Iterator
from typing import Any

from runtime.domain.rotation import Members, PublicKey


class StackKeys:
    """`PublicKeys`. Those of this stack are known by their names: `stem`, a digest of the token, a random end."""

    def __init__(self, client: Any, stem: str) -> None:
        self._client, self._stem = client, stem

    def publish(self, token: str, pem: str) -> str:
        # A name is taken for as long as its key is there: an attempt that died must not be in the way of the next.
        name = f"{self._stem}-{_digest(token)}-{uuid.uuid4().hex[:8]}"
        made = self._client.create_public_key(
            PublicKeyConfig={
                "CallerReference": name,
                "Name": name,
                "EncodedKey": pem,
                "Comment": "Verifies the signatures of download links",
            }
        )
        return str(made["PublicKey"]["Id"])

    def get(self, key_pair_id: str) -> PublicKey:
        found = self._client.get_public_key(Id=key_pair_id)["PublicKey"]
        return PublicKey(
            key_pair_id=key_pair_id, pem=found["PublicKeyConfig"]["EncodedKey"], created_at=found["CreatedTime"]
        )

    def ours(self, *, but: str | None = None) -> list[str]:
        pattern = re.compile(re.escape(self._stem) + r"-([0-9a-f]{16})-[0-9a-f]{8}")
        spared = None if but is None else _digest(but)
        named = ((one["Id"], pattern.fullmatch(one["Name"])) for one in self._all())
        return [key_pair_id for key_pair_id, name in named if name and name[1] != spared]

    def _all(self) -> Iterator[dict[str, str]]:
        marker = ""
        while True:
            page = self._client.list_public_keys(**({"Marker": marker} if marker else {}))["PublicKeyList"]
            yield from page.get("Items", [])
            if not (marker := page.get("NextMarker", "")):
                return

    def discard(self, key_pair_id: str) -> None:
        errors = self._client.exceptions
        try:
            etag = self._client.get_public_key(Id=key_pair_id)["ETag"]
            self._client.delete_public_key(Id=key_pair_id, IfMatch=etag)
        except (errors.NoSuchPublicKey, errors.PublicKeyInUse):
            return


class TrustedGroup:
    """`KeyGroup`."""

    def __init__(self, client: Any, group: str, distribution: str) -> None:
        self._client, self._group, self._distribution = client, group, distribution

    def members(self) -> Members:
        answer = self._client.get_key_group(Id=self._group)
        return Members(key_pair_ids=tuple(answer["KeyGroup"]["KeyGroupConfig"]["Items"]), etag=answer["ETag"])

    def change(self, key_pair_ids: tuple[str, ...], etag: str) -> None:
        config = self._client.get_key_group(Id=self._group)["KeyGroup"]["KeyGroupConfig"]
        self._client.update_key_group(
            Id=self._group, IfMatch=etag, KeyGroupConfig={**config, "Items": list(key_pair_ids)}
        )

    def deployed(self) -> bool:
        status = self._client.get_distribution(Id=self._distribution)["Distribution"]["Status"]
        return bool(status == "Deployed")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:16]
