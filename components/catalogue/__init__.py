"""Catalogue: what became of every file, and the rows of those that have some, in PostgreSQL (ADR 12)."""

from components.catalogue.component import Catalogue, CatalogueArgs
from components.function import Home
from components.network.component import Inside
from components.pipeline import ProcessingPipeline
from components.settings import Settings
from components.storage import SecureStorage

__all__ = ["Catalogue", "CatalogueArgs", "make_catalogue"]


def make_catalogue(
    home: Home, inside: Inside, storage: SecureStorage, pipeline: ProcessingPipeline, wanted: Settings
) -> Catalogue | None:
    """The catalogue, if the stack's settings want one."""
    if not wanted.catalogue.enabled:
        return None
    return Catalogue(
        "catalogue",
        CatalogueArgs(
            home=home,
            inside=inside,
            storage=storage,
            bus_name=pipeline.bus_name,
            catalogue=wanted.catalogue,
            rows=wanted.rows_tables(),
            protected=wanted.protection.deletion,
        ),
    )
