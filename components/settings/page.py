"""Settings of the page."""

from pydantic import Field

from components.settings.base import Section


class Page(Section):
    """The page, which is served where there is an API."""

    enabled: bool = Field(True, description="Whether it is. Without it nothing is built, and the API stays.")
    folder: str | None = Field(
        None, description="Folder with the built page, below the project's; by default it is built from `web/`."
    )
