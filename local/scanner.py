"""Stands in for GuardDuty Malware Protection for S3: scans each new version, tags it, and tells EventBridge.

It does so with the role of the bucket's plan, so that its policy and the bucket's are judged as for GuardDuty.
"""

import contextlib
import contextvars
import importlib
import itertools
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local import eicar, objects
from local.log import LOG
from runtime.domain.verdicts import EVENT, TAG

SESSION = "GuardDutyMalwareProtection"
AT_ONCE = 2
_PIECE = 1024 * 1024
# Through the server, in one process with it, larger objects keep everything else waiting: 0.15 s for 100 MB.
_LARGE = 8 * _PIECE
SERVICE = "malware-protection-plan.guardduty.amazonaws.com"
_REFUSED = {"AccessDenied", "403"}
# How GuardDuty says whether it has looked at all.
_SCAN_STATUS = {eicar.CLEAN: "COMPLETED", eicar.INFECTED: "COMPLETED", "FAILED": "FAILED"}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A malware protection plan: its ARN, the role that it scans with, and whether it tags what it scanned."""

    arn: str
    role_arn: str
    tagging: bool


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A version of an object that was just made."""

    bucket: str
    key: str
    version: str
    etag: str


class Scanner:
    """Scans the uploads of protected buckets, a few at a time. `client` makes an S3 client for a plan's role.

    It raises `PermissionError` when GuardDuty may not take the role up.
    """

    def __init__(self, client: Callable[[Plan], Any], *, account: str, region: str) -> None:
        self._client, self._account, self._region = client, account, region
        self._plans: dict[str, Plan] = {}
        self._working = threading.Event()
        self._working.set()
        self._stopped = False
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="penstock-scanner")

    def protect(self, bucket: str, plan: Plan) -> None:
        """From now on the bucket's new versions are scanned."""
        self._plans[bucket] = plan

    def created(self, upload: Upload) -> None:
        """A version was made; returns at once."""
        plan = self._plans.get(upload.bucket)
        if plan is not None and not self._stopped:
            context = contextvars.copy_context()
            with contextlib.suppress(RuntimeError):  # the cloud has been stopped meanwhile
                self._pool.submit(context.run, self._scan, plan, upload)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """As when the service is down: uploads are remembered, and scanned afterwards."""
        self._working.clear()
        try:
            yield
        finally:
            self._working.set()

    def stop(self) -> None:
        """Ends what is under way."""
        self._stopped = True
        self._working.set()
        self._pool.shutdown(cancel_futures=True)

    def _scan(self, plan: Plan, upload: Upload) -> None:
        self._working.wait()
        if self._stopped:
            return
        try:
            status = self._judge(plan, upload)
            if self._stopped:
                return
            if plan.tagging:
                self._tag(plan, upload, status)
            _tell(self._event(plan, upload, status))
        except Exception:
            # Nobody waits for this thread.
            LOG.exception("%s was not scanned", upload.key)

    def _judge(self, plan: Plan, upload: Upload) -> str:
        try:
            answer = self._client(plan).get_object(**_target(upload))
            body = answer["Body"]
            with body:
                pieces = _at_hand(upload) if answer["ContentLength"] > _LARGE else body.iter_chunks(_PIECE)
                return eicar.scan(itertools.takewhile(lambda _: not self._stopped, pieces))
        except ClientError as error:
            return "ACCESS_DENIED" if error.response["Error"]["Code"] in _REFUSED else "FAILED"
        except PermissionError:
            return "ACCESS_DENIED"
        except BotoCoreError:
            return "FAILED"

    def _tag(self, plan: Plan, upload: Upload, status: str) -> None:
        """A tag that cannot be set is missing, and the result is told all the same; that is GuardDuty's way too."""
        try:
            s3 = self._client(plan)
            others = [tag for tag in s3.get_object_tagging(**_target(upload))["TagSet"] if tag["Key"] != TAG]
            s3.put_object_tagging(**_target(upload), Tagging={"TagSet": [*others, {"Key": TAG, "Value": status}]})
        except (ClientError, PermissionError) as error:
            LOG.warning("%s was not tagged: %s", upload.key, error)

    def _event(self, plan: Plan, upload: Upload, status: str) -> dict[str, Any]:
        detail = {
            "schemaVersion": "1.0",
            "scanStatus": _SCAN_STATUS.get(status, "SKIPPED"),
            "resourceType": "S3_OBJECT",
            "s3ObjectDetails": {
                "bucketName": upload.bucket,
                "objectKey": upload.key,
                "eTag": upload.etag,
                "versionId": upload.version,
                "s3Throttled": False,
            },
            "scanResultDetails": {
                "scanResultStatus": status,
                "threats": [{"name": eicar.THREAT}] if status == eicar.INFECTED else None,
            },
        }
        return {
            "EventId": str(uuid.uuid4()),
            "Source": "aws.guardduty",
            "DetailType": EVENT,
            "Detail": json.dumps(detail),
            "EventBusName": "default",
            "Time": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "Resources": [plan.arn],
            "Account": self._account,
            "Region": self._region,
        }


def _at_hand(upload: Upload) -> Iterator[bytes]:
    """The bytes of an object that may be read, from the store that is in this process."""
    body = objects.body_of(upload.bucket, upload.key, upload.version)
    return (body[at : at + _PIECE] for at in range(0, len(body), _PIECE))


def _target(upload: Upload) -> dict[str, str]:
    return {"Bucket": upload.bucket, "Key": upload.key, "VersionId": upload.version}


def _tell(event: dict[str, Any]) -> None:
    """Not through the API: EventBridge takes events of AWS's own services from nobody else."""
    importlib.import_module("ministack.services.eventbridge")._dispatch_event(event)
