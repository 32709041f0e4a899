"""Where images and documents are read: `python -m runtime.imaging.worker REQUEST`, an answer on standard output.

It is started for one file, with an empty environment (so without the function's credentials), and with limits on
memory, processor time and what it may write. Whatever a hostile file does to a decoder, it does it here.
"""

import json
import os
import resource
import sys

from runtime.imaging.request import DOCUMENT, Request

# Three sizes of an image are never that large.
MOST_WRITTEN = 256 * 1024**2


def limit(request: Request) -> None:
    """Takes effect for the rest of this process' life."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CPU, (request.seconds, request.seconds + 5))
    if sys.platform == "linux":
        # Elsewhere the address space cannot be bounded; the count of pixels still is.
        resource.setrlimit(resource.RLIMIT_AS, (request.memory_bytes, request.memory_bytes))


def main(argument: str) -> None:
    """Answers with what `develop` of the format's module returns, or with `{"refused": sentence, "because": text}`."""
    request = Request.of(argument)
    limit(request)
    # Only now: the library itself runs within the limits as well.
    from runtime.imaging import documents, pictures, vips  # noqa: PLC0415

    vips.start(threads=min(os.cpu_count() or 1, 4))
    try:
        answer = (documents if request.format == DOCUMENT else pictures).develop(request)
    except pictures.Refused as refused:
        answer = {"refused": str(refused), "because": str(refused.__cause__ or "")}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
