"""Where the things of a run lie, and what its steps leave for each other in the work bucket."""

from concurrent.futures import ThreadPoolExecutor

import msgspec

from runtime.domain.identity import FileVersion
from runtime.domain.member_names import archive_name
from runtime.domain.parts import GroupResult, Report
from runtime.domain.planning import Plan
from runtime.domain.ports import Buckets, Json, Objects, Place

OCTETS = "application/octet-stream"
JSON = "application/json"
ZIP = "application/zip"
# Reports are small and S3 answers each in some 20 ms; a group of many gigabytes has a thousand of them.
REPORT_READERS = 16


def original(file: FileVersion) -> Place:
    """The very version that the event was about."""
    return Place(file.bucket, file.key, file.version)


def download_name(file: FileVersion) -> str:
    return archive_name(file.name)


def unpacked(buckets: Buckets, file: FileVersion) -> Place:
    return Place(buckets.work, file.work_key("unpacked"))


def records(buckets: Buckets, file: FileVersion, plan: Plan) -> Place:
    """Where the bytes are that parts are ranges of."""
    return unpacked(buckets, file) if plan.layers else original(file)


def of_group(buckets: Buckets, file: FileVersion, n: int, suffix: str) -> Place:
    return Place(buckets.work, file.work_key(f"groups/{n:05d}.{suffix}"))


def put(objects: Objects, buckets: Buckets, file: FileVersion, name: str, value: object) -> None:
    objects.put(Place(buckets.work, file.work_key(name)), msgspec.json.encode(value), content_type=JSON)


def get(objects: Objects, buckets: Buckets, file: FileVersion, name: str) -> Json:
    value: Json = msgspec.json.decode(objects.get(Place(buckets.work, file.work_key(name))))
    return value


def keep(objects: Objects, buckets: Buckets, file: FileVersion, result: GroupResult) -> None:
    """Leaves a group's result for the steps that follow."""
    report = result.report
    for suffix, data, made_of in (
        ("clean", result.clean, report.clean),
        ("z", result.fragment, report.fragment),
        ("rejects", result.rejects, report.rejects),
        ("parquet", result.table, report.table),
    ):
        # Text that is not delivered is not reported either, and stays here.
        if data and made_of and made_of.size:
            place = of_group(buckets, file, report.n, suffix)
            objects.put(place, data, content_type=OCTETS, sha256=made_of.sha256)
    # The report is last: where it is, the rest is.
    put(objects, buckets, file, f"groups/{report.n:05d}.json", report.as_json())


def plan(objects: Objects, buckets: Buckets, file: FileVersion) -> Plan:
    return Plan(**get(objects, buckets, file, "plan.json"))


def reports(objects: Objects, buckets: Buckets, file: FileVersion, groups: int) -> list[Report]:
    def report(n: int) -> Report:
        return Report.from_json(get(objects, buckets, file, f"groups/{n:05d}.json"))

    with ThreadPoolExecutor(REPORT_READERS) as pool:
        return list(pool.map(report, range(groups)))
