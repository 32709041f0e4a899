"""The settings of the bootstrap program, in the manner of the platform's own; only this module reads its configuration.

`bootstrap/Pulumi.main.yaml` holds them; `docs/bootstrap-settings.md` is made from here.
"""

from collections.abc import Iterator
from typing import Annotated, Self, cast, get_args

import pulumi
from pulumi.runtime import config as runtime_config
from pydantic import BaseModel, ConfigDict, Field, model_validator

from components.settings import Address, Section, read

PLACEHOLDER = "your-organisation"
"""Owner in the file as it is committed: nobody's, so that nobody's workflows are let in."""
RESERVED = ("bootstrap", "local")

Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
# A person or role of this account as it stands in an ARN, with stars for what the account makes up.
Administrator = Annotated[str, Field(pattern=r"^(role|user)/[\w+=,.@/*-]*[\w]{3}[\w+=,.@/*-]*$")]


class Github(Section):
    """The repository whose workflows deploy."""

    owner: Label = Field(description="Person or organisation that the repository belongs to.")
    repository: Label = Field(description="Its name, without the owner.")
    owner_id: int | None = Field(None, gt=0, description="The owner's number, where subject claims are immutable.")
    repository_id: int | None = Field(None, gt=0, description="The repository's number; given with the owner's.")
    branch: Label = Field("main", description="Branch whose scheduled workflows may look for drift.")
    existing_provider: bool = Field(
        False, description="Whether the account has GitHub's OIDC provider already; there can be one only."
    )

    @model_validator(mode="after")
    def _both_numbers(self) -> Self:
        if (self.owner_id is None) != (self.repository_id is None):
            raise ValueError("owner_id and repository_id are given together or not at all")
        return self


class Access(Section):
    """Who may use the state and the keys besides the workflows."""

    administrators: list[Administrator] = Field(
        min_length=1, description="`role/NAME` or `user/NAME` of this account; a star stands for any letters."
    )

    @model_validator(mode="after")
    def _not_everybody(self) -> Self:
        if wide := [one for one in self.administrators if one.split("/", 1)[1].startswith("*")]:
            raise ValueError(f"administrators: {', '.join(wide)} may be anybody; begin with a name or a path")
        return self


class State(Section):
    """The bucket with the stacks' state."""

    noncurrent_days: int = Field(365, ge=30, le=3650, description="Days for which earlier states are kept.")
    log_days: int = Field(365, ge=30, le=3650, description="Days for which the bucket's access log is kept.")


class Budgets(Section):
    """Who hears that a stack costs more than it should."""

    emails: list[Address] = Field([], description="Addresses that get a mail when a budget is reached.")


class Stack(Section):
    """A stack of the platform that workflows deploy, each with roles of its own."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,23}$", description="The stack's name; also that of its environment.")
    deletable: bool = Field(
        False, description="Whether its deploy role may empty buckets, which `pulumi destroy` needs."
    )
    monthly_usd: int = Field(100, ge=1, description="What it should cost in a month at most, in US dollars.")


class Settings(BaseModel):
    """All of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    github: Github
    access: Access
    state: State = State()
    budgets: Budgets = Budgets()
    stacks: list[Stack] = Field(min_length=1)

    @model_validator(mode="after")
    def _stacks_can_be_told_apart(self) -> Self:
        names = sorted(one.name for one in self.stacks)
        for name in names:
            if name in RESERVED:
                raise ValueError(f"stacks: {name} is not a stack that workflows deploy")
            # A stack's roles may do things to what begins with its name and a dash.
            if close := [other for other in names if other.startswith(f"{name}-")]:
                raise ValueError(f"stacks: {close[0]} begins like {name}-, so {name}'s roles would reach it")
        if len(set(names)) < len(names):
            raise ValueError("stacks: a name is given twice")
        return self


def load() -> Settings:
    """The settings of the stack that runs. Raises `SettingsError`."""
    raw = {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
    return read(Settings, raw, project=pulumi.get_project(), stack=pulumi.get_stack())


def sections() -> Iterator[tuple[str, type[Section]]]:
    """Each section's name and class, in order; of a list of maps the maps' class."""
    for name, info in Settings.model_fields.items():
        yield name, cast(type[Section], next(iter(get_args(info.annotation)), info.annotation))
