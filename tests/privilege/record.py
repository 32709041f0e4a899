"""Plays the flow on a local cloud of its own and writes its record and the page: `make privilege`.

With `--check` nothing is written: what is different from the record, or was refused, is printed, and the status is 1.
"""

import sys

from local.cloud import LocalCloud
from tests.conftest import make_platform
from tests.flow.driver import Driver
from tests.privilege import report
from tests.privilege.needs import load, save
from tests.privilege.scenario import PREFIX, differences, play


def main(*, check: bool) -> int:
    with LocalCloud() as cloud:
        found = play(Driver(make_platform(cloud)))
        calls = cloud.court.usage.calls()
    if not check:
        save(found)
        report.PAGE.write_text(report.render())
        return 0
    refused = [call for call in calls if not call.allowed and f":role/{PREFIX}-" in call.principal]
    problems = [*differences(found, load()), *(f"refused: {call}" for call in refused)]
    print(*problems, f"{len(found)} calls, {len(problems)} not as recorded", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
