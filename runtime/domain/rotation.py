"""Rotation of the key that signs links, in the four steps that Secrets Manager calls (ADR 6).

Each step may be repeated, and may die at any call: Secrets Manager then starts again with `create` and the same token.
No step undoes what another has done, so a link that was signed by any key of ours opens until it expires.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from runtime.domain.signing import KEY_SECONDS, SigningKey

GROUP_LIMIT = 5
"""CloudFront's: public keys in one key group."""
POLL_SECONDS = 15
POLLS = 40


class RotationFailed(Exception):
    """A step cannot do its work now. Secrets Manager tries again, and the function's alarm rings."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicKey:
    """The public half of a key pair, as CloudFront has it. `pem` is compared by what it verifies, never as text."""

    key_pair_id: str
    pem: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Members:
    """The keys that a group trusts. `etag` is wanted back with a change, so that no other change is lost."""

    key_pair_ids: tuple[str, ...]
    etag: str


class Vault(Protocol):
    """The secret; `token` is the version that a rotation makes."""

    def current(self) -> SigningKey | None: ...

    def previous(self) -> SigningKey | None: ...

    def pending(self, token: str) -> SigningKey | None: ...

    def is_current(self, token: str) -> bool:
        """Whether the rotation has ended. Raises `RotationFailed` when the secret knows no such version."""
        ...

    def propose(self, token: str, key: SigningKey) -> bool:
        """Keeps the key as the version's value; False when the version has another value already, which stays."""
        ...

    def promote(self, token: str) -> None: ...


class PublicKeys(Protocol):
    """The public keys that were made for this stack."""

    def publish(self, token: str, pem: str) -> str:
        """Gives a new one to CloudFront; its id."""
        ...

    def get(self, key_pair_id: str) -> PublicKey: ...

    def ours(self, *, but: str | None = None) -> list[str]:
        """Ids of all that there are, without those that were published for the token `but`."""
        ...

    def discard(self, key_pair_id: str) -> None:
        """Deletes one, unless a key group trusts it. One that is gone is no error."""
        ...


class KeyGroup(Protocol):
    """The group of keys that the distribution trusts."""

    def members(self) -> Members: ...

    def change(self, key_pair_ids: tuple[str, ...], etag: str) -> None: ...

    def deployed(self) -> bool:
        """Whether all of CloudFront knows the last change."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Rotation:
    """`make_pair` gives a new private and public PEM; `fits` signs with the one and verifies with the other."""

    vault: Vault
    keys: PublicKeys
    group: KeyGroup
    link_seconds: int
    make_pair: Callable[[], tuple[str, str]]
    fits: Callable[[str, str], bool]
    now: Callable[[], datetime]
    sleep: Callable[[float], None]

    def step(self, name: str, token: str) -> None:
        """Raises `RotationFailed`, and `ValueError` for a step that there is not."""
        steps = {
            "createSecret": self._create,
            "setSecret": self._set,
            "testSecret": self._test,
            "finishSecret": self._finish,
        }
        if name not in steps:
            raise ValueError(f"there is no step {name!r} in a rotation")
        # What went wrong after the last step's first half is mended by that step alone.
        if not self.vault.is_current(token) or name == "finishSecret":
            steps[name](token)

    def _create(self, token: str) -> None:
        if self.vault.pending(token) is not None:
            return
        # An account has room for ten keys. What this very token left may be pending: a read can be behind the write.
        self._discard_all_but({key.key_pair_id for key in self._in_use()}, self.keys.ours(but=token))
        private, public = self.make_pair()
        made = SigningKey(private_key=private, key_pair_id=self.keys.publish(token, public))
        if not self.vault.propose(token, made):
            self.keys.discard(made.key_pair_id)

    def _set(self, token: str) -> None:
        pending = self._pending(token).key_pair_id
        members = self.group.members()
        in_use = [key.key_pair_id for key in self._in_use()]
        leaving = self._expired(set(members.key_pair_ids) - {pending, *in_use})
        staying = [key for key in members.key_pair_ids if key not in leaving]
        # The current key is there already, unless somebody took it out.
        wanted = tuple(dict.fromkeys([*staying, *in_use[:1], pending]))
        if len(wanted) > GROUP_LIMIT:
            raise RotationFailed(
                f"{len(wanted)} keys have signed links that may still be valid, and a key group holds {GROUP_LIMIT}: "
                "rotate again when the oldest links have expired"
            )
        if set(wanted) != set(members.key_pair_ids):
            self.group.change(wanted, members.etag)

    def _test(self, token: str) -> None:
        # Secrets Manager also calls this step alone, to try out a schedule that was just set.
        key = self.vault.pending(token) or self.vault.current()
        if key is None:
            raise RotationFailed("the secret holds no key yet")
        if not self.fits(key.private_key, self.keys.get(key.key_pair_id).pem):
            raise RotationFailed(f"what the new key signs is not verified by the public key {key.key_pair_id}")
        if key.key_pair_id not in self.group.members().key_pair_ids:
            raise RotationFailed(f"the key group does not trust {key.key_pair_id}")
        for poll in range(POLLS):
            if self.group.deployed():
                return
            if poll < POLLS - 1:
                self.sleep(POLL_SECONDS)
        raise RotationFailed(f"the distribution did not take the new key over in {POLLS * POLL_SECONDS // 60} minutes")

    def _finish(self, token: str) -> None:
        if not self.vault.is_current(token):
            self.vault.promote(token)
        trusted = set(self.group.members().key_pair_ids)
        self._discard_all_but(trusted | {key.key_pair_id for key in self._in_use()}, self.keys.ours())

    def _in_use(self) -> list[SigningKey]:
        """The current key first, then the previous one, whose links are all valid until they expire."""
        return [key for key in (self.vault.current(), self.vault.previous()) if key is not None]

    def _pending(self, token: str) -> SigningKey:
        key = self.vault.pending(token)
        if key is None:
            raise RotationFailed("the pending version has no value yet")
        return key

    def _expired(self, others: set[str]) -> set[str]:
        """Those of `others`, older than the previous key, that have signed no link that is still valid.

        They stopped signing when the previous key took over, which was before the current key was even made.
        """
        current = self.vault.current()
        if current is None or not others:
            return set()
        stopped = self.keys.get(current.key_pair_id).created_at
        valid = timedelta(seconds=self.link_seconds + KEY_SECONDS)
        return others if self.now() >= stopped + valid else set()

    def _discard_all_but(self, kept: set[str], candidates: list[str]) -> None:
        for key_pair_id in candidates:
            if key_pair_id not in kept:
                self.keys.discard(key_pair_id)
