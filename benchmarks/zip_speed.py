"""Our ZIP writer against `zipfile` at level 6: CPU seconds and bytes for the same members, all in memory.

*Orders* and *events* have records of their own, each with an id, a moment and amounts, as exports have. *Dealt* is
what `penstock generate` makes: rows from a pool, which repeat as no real table does. *Mixed* holds all three and
photographs, which `zipfile` deflates in vain and we store.
"""

import io
import json
import random
import time
import uuid
import zipfile
from collections.abc import Callable, Iterable

from benchmarks.measure import Figure
from cli.generate import generate
from runtime.domain.archiving import pays
from runtime.domain.zipwriter import ZipWriter, level_for

Members = list[tuple[str, bytes]]
"""Each with the kind of file whose result it is."""

SIZE = 24_000_000
PIECE = 1024 * 1024
_SYLLABLES = (
    *("an", "ber", "cor", "del", "en", "fin", "gar", "hol", "in", "jor", "kel", "lan"),
    *("mor", "nor", "os", "per", "quin", "ros", "sel", "tur", "ul", "ver", "wil", "zan"),
)


def run(rounds: int) -> list[Figure]:
    """Rounds alternate between the two; the sizes do not change."""
    rng = random.Random(7)  # noqa: S311 - not a secret
    names = ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))).title() for _ in range(20_000)]
    orders = _until(SIZE, lambda n: _order(rng, names, n))
    events = _until(SIZE, lambda n: _event(rng, names, n))
    dealt = b"".join(generate("csv", size=SIZE, seed=1))
    photos = [b"".join(generate("photo", size=3_000_000, seed=seed)) for seed in range(4)]
    kinds = {
        "orders CSV": [("csv", orders)],
        "events JSON Lines": [("jsonl", events)],
        "dealt CSV": [("csv", dealt)],
        "mixed": [
            ("csv", orders[: SIZE // 3]),
            ("jsonl", events[: SIZE // 3]),
            ("csv", dealt[: SIZE // 3]),
            *(("other", photo) for photo in photos),
        ],
    }
    figures = []
    for name, members in kinds.items():
        ours, theirs, sizes = [], [], (0, 0)
        for _ in range(rounds):
            mine, one = _cpu(_ours, members)
            peers, other = _cpu(_theirs, members)
            ours.append(mine)
            theirs.append(peers)
            sizes = (one, other)
        megabytes = sum(len(data) for _, data in members) / 1e6
        peer = "zipfile, level 6"
        figures += [
            Figure(
                what=f"ZIP of {megabytes:.0f} MB {name}: CPU",
                ours=min(ours),
                theirs=min(theirs),
                unit="s",
                peer=peer,
                aim="≤ 0.111",
            ),
            Figure(
                what=f"ZIP of {megabytes:.0f} MB {name}: size",
                ours=sizes[0] / 1e6,
                theirs=sizes[1] / 1e6,
                unit="MB",
                peer=peer,
                aim="≤ 1.09",
            ),
        ]
    return figures


def _order(rng: random.Random, names: list[str], number: int) -> str:
    day = f"2026-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
    moment = f"{day}T{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}Z"
    state = rng.choice(("paid", "open", "refunded"))
    reference = uuid.UUID(int=rng.getrandbits(128))
    customer = f"{rng.choice(names)} {rng.choice(names)}"
    return f"{number},{reference},{moment},{customer},{rng.choice(('CH', 'DE', 'FR'))},{_amount(rng)},{state}\n"


def _event(rng: random.Random, names: list[str], number: int) -> str:
    event = {
        "id": number,
        "user": rng.choice(names),
        "amount": _amount(rng),
        "place": {"lat": round(rng.uniform(-90, 90), 5), "lon": round(rng.uniform(-180, 180), 5)},
        "tags": rng.sample(names, 2),
        "session": rng.randbytes(8).hex(),
    }
    return json.dumps(event) + "\n"


def _amount(rng: random.Random) -> float:
    return rng.randrange(100, 9_999_999) / 100


def _until(size: int, record: Callable[[int], str]) -> bytes:
    made, total, number = [], 0, 0
    while total < size:
        made.append(record(number))
        total += len(made[-1])
        number += 1
    return "".join(made).encode()


def _cpu(work: Callable[[Members], int], members: Members) -> tuple[float, int]:
    started = time.process_time()
    size = work(members)
    return time.process_time() - started, size


def _pieces(data: bytes) -> Iterable[bytes]:
    return (data[at : at + PIECE] for at in range(0, len(data), PIECE))


def _ours(members: Members) -> int:
    file = io.BytesIO()
    archive = ZipWriter(file.write)
    for number, (kind, data) in enumerate(members):
        archive.add(f"{number}", _pieces(data), compress=pays(data[:PIECE]), size=len(data), level=level_for(kind))
    archive.close()
    return archive.offset


def _theirs(members: Members) -> int:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for number, (_, data) in enumerate(members):
            with archive.open(f"{number}", "w") as member:
                for piece in _pieces(data):
                    member.write(piece)
    return len(file.getvalue())
