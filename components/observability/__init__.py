"""Observability: who hears that something is wrong, and the one page that shows how everything is."""

from components.observability.component import Observability, ObservabilityArgs

__all__ = ["Observability", "ObservabilityArgs"]
