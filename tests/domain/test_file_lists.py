"""Lists page by page: the pages together are the list, whatever is asked for."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runtime.domain import file_lists
from runtime.domain.cursors import Position, read, write
from runtime.domain.file_lists import Item, Span, Wanted, page
from runtime.domain.identity import folder_of
from tests.answers import ACME, OPERATOR

BEGINNING = datetime(2026, 1, 2, tzinfo=UTC)


class Shelf:
    """`Index` in memory, which answers like DynamoDB: a page may be empty and still lead on."""

    def __init__(self, items: list[dict[str, Any]]) -> None:
        self._items = {item["FileName"]: item for item in items}

    def keys(
        self, folder: str | None, span: Span, *, prefix: str | None, limit: int, after: Position | None
    ) -> tuple[list[Position], Position | None]:
        everything = sorted(
            (
                (item["ReceivedAt"], name)
                for name, item in self._items.items()
                if folder in (None, folder_of(name)) and span.holds(item["ReceivedAt"])
            ),
            reverse=True,
        )
        rest = [position for position in everything if after is None or position < after]
        looked = rest[:limit]
        found = [position for position in looked if position[1].startswith(prefix or "")]
        return found, looked[-1] if len(looked) == limit else None

    def items(self, names: Collection[str]) -> dict[str, Item]:
        assert len(names) <= 100
        return {name: self._items[name] for name in names}


def at(seconds: int) -> str:
    return (BEGINNING + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


files = st.lists(
    st.builds(
        lambda folder, name, seconds, state: {
            "FileName": f"{folder}{name}", "ReceivedAt": at(seconds), "State": state
        },
        st.sampled_from(["acme/", "acme/x/", "other/", ""]),
        st.integers(0, 300),
        st.integers(0, 5),
        st.sampled_from(["succeeded", "failed"]),
    ),
    max_size=150,
    unique_by=lambda item: item["FileName"],
)  # fmt: skip


@given(
    files,
    st.integers(1, 7),
    st.sampled_from([None, "failed", "received"]),
    st.sampled_from([None, "acme/", "acme/x/1"]),
    st.none() | st.integers(-1, 6),
    st.none() | st.integers(-1, 6),
    st.sampled_from([ACME, OPERATOR]),
)
def test_pages_together_are_the_list(
    items: list[dict[str, Any]], limit: int, state: str | None, prefix: str | None, since: Any, until: Any, caller: Any
) -> None:
    first = None if since is None else BEGINNING + timedelta(seconds=since)
    last = None if until is None else BEGINNING + timedelta(seconds=until)
    shelf, found, after = Shelf(items), list[str](), None
    for _ in range(200):
        wanted = Wanted(limit=limit, after=after, state=state, prefix=prefix, since=first, until=last)
        some, position = page(caller, wanted, index=shelf)
        assert len(some) <= limit
        found += [item["FileName"] for item in some]
        if position is None:
            break
        after = read(write(position))
        assert after == position
    expected = [
        item["FileName"]
        for item in sorted(items, key=lambda one: (one["ReceivedAt"], one["FileName"]), reverse=True)
        if (caller.operator or item["FileName"].startswith("acme/"))
        and item["FileName"].startswith(prefix or "")
        and state in (None, item["State"])
        and (since is None or at(since) <= item["ReceivedAt"])
        and (until is None or item["ReceivedAt"] < at(until))
    ]
    assert found == expected


def test_a_filter_that_lets_little_through_ends_a_page_and_leads_on() -> None:
    many = [{"FileName": f"acme/{n:04}", "ReceivedAt": at(n), "State": "succeeded"} for n in range(1200)]
    many[0]["State"] = "failed"
    shelf, after, pages = Shelf(many), None, 0
    while True:
        wanted = Wanted(limit=50, after=after, state="failed", prefix=None, since=None, until=None)
        found, after = page(ACME, wanted, index=shelf)
        pages += 1
        if after is None:
            break
        assert found == []
    assert [item["FileName"] for item in found] == ["acme/0000"]
    assert pages == 3


def test_what_the_index_has_and_the_caller_may_not_see_is_left_out() -> None:
    """It cannot happen as the index is written; this is what stands behind it."""

    class Mixed(Shelf):
        def keys(self, folder: str | None, *args: Any, **more: Any) -> Any:
            return super().keys(None, *args, **more)

    shelf = Mixed([{"FileName": name, "ReceivedAt": at(0), "State": "failed"} for name in ("acme/a", "other/b", "c")])
    wanted = Wanted(limit=50, after=None, state=None, prefix=None, since=None, until=None)
    assert [item["FileName"] for item in page(ACME, wanted, index=shelf)[0]] == ["acme/a"]


def test_times_with_and_without_fractions_are_compared_as_times() -> None:
    texts = ["2026-01-02T00:00:01Z", "2026-01-02T00:00:01.5Z", "2026-01-02T00:00:02Z"]
    shelf = Shelf([{"FileName": f"acme/{n}", "ReceivedAt": text, "State": "failed"} for n, text in enumerate(texts)])
    wanted = Wanted(
        limit=50, after=None, state=None, prefix=None,
        since=BEGINNING + timedelta(seconds=1.2), until=BEGINNING + timedelta(seconds=2),
    )  # fmt: skip
    assert [item["ReceivedAt"] for item in page(ACME, wanted, index=shelf)[0]] == [texts[1]]
    assert file_lists.Span.of(None, None).holds(texts[0])
