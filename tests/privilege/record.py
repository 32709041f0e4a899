"""Plays the flow on a local cloud and writes its record and the page: `make privilege`."""

from local.cloud import LocalCloud
from tests.conftest import make_platform
from tests.flow.driver import Driver
from tests.privilege import report
from tests.privilege.needs import save
from tests.privilege.scenario import play


def main() -> None:
    with LocalCloud() as cloud:
        save(play(Driver(make_platform(cloud))))
    report.PAGE.write_text(report.render())


if __name__ == "__main__":
    main()
