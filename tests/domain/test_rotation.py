"""Rotation: no link that is still valid is ever refused, whatever dies when, and nothing is left lying about."""

from datetime import UTC, datetime, timedelta

import pytest

from runtime.domain.rotation import GROUP_LIMIT, POLLS, Members, PublicKey, Rotation, RotationFailed
from runtime.domain.signing import KEY_SECONDS, SigningKey

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
DAY = 24 * 3600
LINK_SECONDS = 7 * DAY


class Died(Exception):
    """The function was killed at this call."""


class World:
    """Secret, public keys, key group and clock. It dies at call `dies_at`: before its effect, or after it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)
        self.versions: dict[str, SigningKey | None] = {}
        self.stages: dict[str, str] = {}
        self.public: dict[str, PublicKey] = {}
        self.tokens: dict[str, str] = {}
        self.trusted: tuple[str, ...] = ()
        self.unready = 0
        self.calls, self.effects, self.dies_at, self.after = 0, 0, -1, False
        self._numbers = 0

    def call(self, *, after: bool) -> None:
        """Stands before (`after` False) and behind the effect of each call."""
        self.calls += not after
        self.effects += after
        if self.calls == self.dies_at and self.after == after:
            self.dies_at = -1
            raise Died

    # -- Vault -----------------------------------------------------------------------------------------------------
    def current(self) -> SigningKey | None:
        return self._at("AWSCURRENT")

    def previous(self) -> SigningKey | None:
        return self._at("AWSPREVIOUS")

    def pending(self, token: str) -> SigningKey | None:
        self.call(after=False)
        return self.versions[token] if self.stages.get("AWSPENDING") == token else None

    def is_current(self, token: str) -> bool:
        self.call(after=False)
        if token not in self.versions:
            raise RotationFailed("no such version")
        return self.stages["AWSCURRENT"] == token

    def propose(self, token: str, key: SigningKey) -> bool:
        self.call(after=False)
        if self.versions[token] is not None:
            return False
        self.versions[token] = key
        self.call(after=True)
        return True

    def promote(self, token: str) -> None:
        self.call(after=False)
        self.stages |= {"AWSPREVIOUS": self.stages["AWSCURRENT"], "AWSCURRENT": token}
        self.call(after=True)

    def _at(self, stage: str) -> SigningKey | None:
        self.call(after=False)
        return self.versions[self.stages[stage]] if stage in self.stages else None

    # -- PublicKeys ------------------------------------------------------------------------------------------------
    def publish(self, token: str, pem: str) -> str:
        self.call(after=False)
        self._numbers += 1
        made = f"K{self._numbers}"
        self.public[made] = PublicKey(key_pair_id=made, pem=pem, created_at=self.time)
        self.tokens[made] = token
        self.call(after=True)
        return made

    def get(self, key_pair_id: str) -> PublicKey:
        self.call(after=False)
        return self.public[key_pair_id]

    def ours(self, *, but: str | None = None) -> list[str]:
        self.call(after=False)
        return [one for one in self.public if self.tokens[one] != but]

    def discard(self, key_pair_id: str) -> None:
        self.call(after=False)
        if key_pair_id not in self.trusted:
            self.public.pop(key_pair_id, None)
        self.call(after=True)

    # -- KeyGroup --------------------------------------------------------------------------------------------------
    def members(self) -> Members:
        self.call(after=False)
        return Members(key_pair_ids=self.trusted, etag=str(self.trusted))

    def change(self, key_pair_ids: tuple[str, ...], etag: str) -> None:
        self.call(after=False)
        assert etag == str(self.trusted)
        assert set(key_pair_ids) <= self.public.keys()
        assert len(key_pair_ids) <= GROUP_LIMIT
        self.trusted = key_pair_ids
        self.call(after=True)

    def deployed(self) -> bool:
        self.call(after=False)
        self.unready -= 1
        return self.unready < 0

    # -- the test's own --------------------------------------------------------------------------------------------
    def rotation(self) -> Rotation:
        def pair() -> tuple[str, str]:
            self._numbers += 1
            return f"private {self._numbers}", f"public {self._numbers}"

        return Rotation(
            vault=self,
            keys=self,
            group=self,
            link_seconds=LINK_SECONDS,
            make_pair=pair,
            fits=lambda private, public: private.split()[1] == public.split()[1],
            now=lambda: self.time,
            sleep=self.sleep,
        )

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def begin(self, token: str) -> None:
        """What Secrets Manager does before the first step."""
        self.versions.setdefault(token, None)
        self.stages["AWSPENDING"] = token

    def rotate(self, token: str) -> None:
        """A whole rotation, begun again after each death."""
        self.begin(token)
        rotation = self.rotation()
        while True:
            try:
                for step in STEPS:
                    rotation.step(step, token)
            except Died:
                continue
            return

    def signs_with(self) -> str:
        key = self.versions[self.stages["AWSCURRENT"]]
        assert key is not None
        return key.key_pair_id


def deployed() -> World:
    """As deployment leaves it."""
    world = World()
    made = world.publish("first", "public 0")
    world.versions["first"] = SigningKey(private_key="private 0", key_pair_id=made)
    world.stages["AWSCURRENT"] = "first"
    world.trusted = (made,)
    world.calls = world.effects = 0
    return world


def test_the_new_key_signs_and_the_old_one_is_still_trusted() -> None:
    world = deployed()
    old = world.signs_with()
    world.rotate("t1")
    assert world.signs_with() != old
    assert set(world.trusted) == {old, world.signs_with()} == world.public.keys()


def test_keys_leave_when_all_that_they_signed_has_expired() -> None:
    world = deployed()
    for number in range(6):
        world.time += timedelta(days=90)
        world.rotate(f"t{number}")
        assert len(world.trusted) <= 3
    assert world.public.keys() == set(world.trusted)


def test_no_valid_link_is_refused_however_quickly_keys_change() -> None:
    world = deployed()
    signed: list[tuple[str, datetime]] = []
    refused = 0
    hours = (1, 100, 80, 1, 90, 200, 3, 170, 2, 168)
    for number, passed in enumerate(hours):
        world.time += timedelta(hours=passed)
        before = world.signs_with()
        try:
            world.rotate(f"t{number}")
        except RotationFailed:
            refused += 1
        # A function signs with what it read some minutes ago.
        signed.append((before, world.time + timedelta(seconds=KEY_SECONDS + LINK_SECONDS)))
        valid = {key for key, until in signed if until > world.time}
        assert valid <= set(world.trusted)
    assert 0 < refused < len(hours) / 2


def test_more_keys_than_a_group_holds_are_refused_with_the_reason() -> None:
    world = deployed()
    for number in range(GROUP_LIMIT - 1):
        world.rotate(f"t{number}")
    before = world.trusted
    with pytest.raises(RotationFailed, match="rotate again when the oldest links have expired"):
        world.rotate("one too many")
    assert world.trusted == before
    world.time += timedelta(seconds=LINK_SECONDS + KEY_SECONDS)
    world.rotate("one too many")
    assert len(world.trusted) == 3


@pytest.mark.parametrize("after", [False, True])
def test_dying_at_any_call_changes_nothing_in_the_end(after: bool) -> None:
    whole = deployed()
    whole.rotate("t0")
    whole.time += timedelta(days=90)
    whole.rotate("t1")
    died = 0
    for call in range(1, whole.calls + 1):
        world = deployed()
        world.dies_at, world.after = call, after
        old = world.signs_with()
        world.rotate("t0")
        assert {old, world.signs_with()} <= set(world.trusted)
        world.time += timedelta(days=90)
        before = world.signs_with()
        world.rotate("t1")
        assert {before, world.signs_with()} <= set(world.trusted)
        # A last rotation takes away what an attempt that died has left.
        world.time += timedelta(days=90)
        world.rotate("t2")
        assert world.public.keys() == set(world.trusted)
        assert len(world.trusted) == 3
        died += world.dies_at == -1
    assert died == (whole.effects if after else whole.calls)


def test_every_step_may_be_repeated() -> None:
    world = deployed()
    world.begin("t")
    rotation = world.rotation()
    for step in STEPS:
        rotation.step(step, "t")
        after = (dict(world.versions), dict(world.stages), dict(world.public), world.trusted)
        rotation.step(step, "t")
        assert after == (world.versions, world.stages, world.public, world.trusted)


def test_a_value_that_a_read_did_not_show_yet_stays() -> None:
    world = deployed()
    world.begin("t")
    world.rotation().step("createSecret", "t")
    first = world.versions["t"]
    world.stages.pop("AWSPENDING")
    world.rotation().step("createSecret", "t")
    assert world.versions["t"] == first
    assert first is not None
    assert first.key_pair_id in world.public
    assert len(world.public) == 2


def test_the_test_waits_until_the_distribution_knows_the_key() -> None:
    world = deployed()
    world.unready = POLLS - 1
    world.rotate("t")
    slow = deployed()
    slow.unready = POLLS
    with pytest.raises(RotationFailed, match="did not take the new key over in 10 minutes"):
        slow.rotate("t")
    assert slow.signs_with() == "K1"


def test_the_test_notices_a_key_that_would_not_work() -> None:
    world = deployed()
    world.begin("t")
    rotation = world.rotation()
    rotation.step("createSecret", "t")
    with pytest.raises(RotationFailed, match="does not trust"):
        rotation.step("testSecret", "t")
    rotation.step("setSecret", "t")
    pending = world.versions["t"]
    assert pending is not None
    world.versions["t"] = SigningKey(private_key="private 99", key_pair_id=pending.key_pair_id)
    with pytest.raises(RotationFailed, match="is not verified by the public key"):
        rotation.step("testSecret", "t")


def test_a_schedule_is_tried_out_with_the_key_that_there_is() -> None:
    world = deployed()
    world.begin("trial")
    world.rotation().step("testSecret", "trial")
    world.versions["trial"] = world.versions["first"]
    world.rotation().step("testSecret", "trial")


def test_what_nobody_asked_for_is_refused() -> None:
    world = deployed()
    with pytest.raises(RotationFailed, match="no such version"):
        world.rotation().step("createSecret", "unknown")
    world.begin("t")
    with pytest.raises(ValueError, match="no step 'deleteSecret'"):
        world.rotation().step("deleteSecret", "t")
    with pytest.raises(RotationFailed, match="no value yet"):
        world.rotation().step("setSecret", "t")
