"""The signing key's secret in Secrets Manager, for those who make and rotate it (`runtime/domain/rotation.py`)."""

from typing import Any

from runtime.domain.rotation import RotationFailed
from runtime.domain.signing import SigningKey

CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"


class SecretVault:
    """`Vault`."""

    def __init__(self, client: Any, secret: str) -> None:
        self._client, self._secret = client, secret

    def current(self) -> SigningKey | None:
        return self._value(VersionStage=CURRENT)

    def previous(self) -> SigningKey | None:
        return self._value(VersionStage=PREVIOUS)

    def pending(self, token: str) -> SigningKey | None:
        return self._value(VersionId=token, VersionStage=PENDING)

    def is_current(self, token: str) -> bool:
        stages = self._stages()
        if token not in stages:
            raise RotationFailed(f"the secret has no version {token}")
        return CURRENT in stages[token]

    def begin(self, key: SigningKey) -> None:
        """Keeps the very first key."""
        self._client.put_secret_value(SecretId=self._secret, SecretString=key.render())

    def propose(self, token: str, key: SigningKey) -> bool:
        try:
            self._client.put_secret_value(
                SecretId=self._secret, ClientRequestToken=token, SecretString=key.render(), VersionStages=[PENDING]
            )
        except self._client.exceptions.ResourceExistsException:
            return False
        return True

    def promote(self, token: str) -> None:
        now = next((version for version, stages in self._stages().items() if CURRENT in stages), None)
        self._client.update_secret_version_stage(
            SecretId=self._secret,
            VersionStage=CURRENT,
            MoveToVersionId=token,
            **({"RemoveFromVersionId": now} if now else {}),
        )

    def _stages(self) -> dict[str, list[str]]:
        stages: dict[str, list[str]] = self._client.describe_secret(SecretId=self._secret).get("VersionIdsToStages", {})
        return stages

    def _value(self, **version: str) -> SigningKey | None:
        try:
            text = self._client.get_secret_value(SecretId=self._secret, **version).get("SecretString")
        except self._client.exceptions.ResourceNotFoundException:
            return None  # a secret as deployment makes it, or a version as the start of a rotation does
        return SigningKey.parse(text) if text else None
