"""What an alarm is."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.metrics import Metric

MINUTE, FIVE_MINUTES, DAY = 60, 300, 24 * 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """Rings when the value is `above` the threshold in `breaching` of the last `periods` periods.

    The value is the only metric, or `expression` over the ids of several. `lasting` is what goes on until it is mended:
    its end is told as well. That five minutes passed without another failed file, for one, is no news.
    """

    purpose: str
    meaning: str
    runbook: str
    metrics: Mapping[str, Metric]
    above: float
    expression: str = ""
    period_seconds: int = FIVE_MINUTES
    periods: int = 1
    breaching: int = 1
    lasting: bool = False

    @property
    def edge(self) -> bool:
        """Whether it has to be where CloudFront's metrics are."""
        return any(metric.edge for metric in self.metrics.values())

    @property
    def description(self) -> str:
        """What the mail says."""
        return f"{self.meaning} What to do: docs/runbooks/{self.runbook}.md"
