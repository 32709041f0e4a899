"""Threads for as long as a block lasts."""

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor


@contextlib.contextmanager
def pool(size: int, name: str, *, stop: threading.Event | None = None) -> Iterator[ThreadPoolExecutor]:
    """A pool that drops what has not begun when the block ends early; `stop` is set then, for who waits to let go."""
    made = ThreadPoolExecutor(size, thread_name_prefix=name)
    try:
        yield made
    finally:
        if stop is not None:
            stop.set()
        made.shutdown(wait=True, cancel_futures=True)
