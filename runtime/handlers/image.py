"""Step Functions: brings an image from upload to delivery in one call. The only function that decodes images."""

from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.buckets import ending
from runtime.adapters.dynamodb import ledger
from runtime.adapters.imaging import WorkerPictures
from runtime.adapters.s3 import objects
from runtime.adapters.signing import signer
from runtime.adapters.telemetry import logged
from runtime.domain.identity import FileVersion
from runtime.domain.images import image_file


@cache
def _settings() -> environment.Image:
    return environment.read(environment.Image)


@logged
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """`{"file", "run"}` to the outcome that the state machine records and announces.

    `"scanned": true` beside them says that the run went through the malware gate.
    """
    settings = _settings()
    return image_file(
        FileVersion.of(event),
        event["run"],
        objects=objects(),
        ledger=ledger(settings),
        signer=signer(settings),
        buckets=ending(settings),
        pictures=WorkerPictures(
            sizes={
                "web": settings.web_pixels,
                "preview": settings.preview_pixels,
                "thumbnail": settings.thumbnail_pixels,
            },
            encoding=settings.image_format,
            quality=settings.image_quality,
            max_pixels=settings.max_megapixels * 1_000_000,
        ),
        direct_limit_bytes=settings.direct_limit_bytes,
        max_file_bytes=settings.max_file_bytes,
        scanned=event.get("scanned", False),
    )
