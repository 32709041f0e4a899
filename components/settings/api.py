"""Settings of the API and of who may call it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from components.settings.base import Section

MOST_CLIENTS = 32
"""What `authorize` knows of each stands in its environment, which holds 4 KiB."""

ClientName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Origin = Annotated[str, Field(pattern=r"^(https://[A-Za-z0-9.-]+(:\d{1,5})?|http://localhost(:\d{1,5})?)$")]


class Client(Section):
    """A program that calls the API with a key of its own."""

    name: ClientName = Field(description="What the key is called; small letters, digits and `-`.")
    # People's folders begin with `u-`.
    folder: str = Field(
        pattern=r"^([a-tv-z0-9][a-z0-9-]|u[a-z0-9])[a-z0-9-]{0,61}$",
        description="The folder that it sees: first segment of its files' names.",
    )
    operator: bool = Field(False, description="Whether it sees all folders, and may redrive.")


class Api(Section):
    """The API, and the page that calls it (docs/api.md)."""

    enabled: bool = Field(False, description="Whether there is one.")
    clients: list[Client] = Field(
        [], max_length=MOST_CLIENTS, description=f"Programs, each with a key; {MOST_CLIENTS} at most."
    )
    sign_in: Literal["none", "cognito"] = Field("none", description="How people sign in, if they may.")
    callback_origins: list[Origin] = Field(
        [], description="Origins besides the distribution's own to which a sign-in may return; for work on the page."
    )
    requests_per_minute: int = Field(1000, ge=1, le=600_000, description="Requests that each client may make.")
    people_per_minute: int = Field(10_000, ge=1, le=600_000, description="Requests that all people may make together.")
    deletes: bool = Field(
        False, description="Whether files may be deleted through it, by whose folder they are in and by operators."
    )

    @model_validator(mode="after")
    def _clients_differ(self) -> Self:
        names = [client.name for client in self.clients]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"clients has {', '.join(twice)} more than once")
        return self

    @model_validator(mode="after")
    def _somebody_may_call(self) -> Self:
        if self.enabled and not self.clients and self.sign_in == "none":
            raise ValueError("enabled needs clients or sign_in: nobody could call the API")
        if self.deletes and not self.enabled:
            raise ValueError("deletes is for an API that is enabled")
        if self.callback_origins and self.sign_in == "none":
            raise ValueError("callback_origins are for sign_in, which is none")
        return self
