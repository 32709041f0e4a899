"""What all sections of settings are made of."""

import ipaddress
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

KIB, MIB, GIB = 1024, 1024**2, 1024**3

Address = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class Section(BaseModel):
    """One map of the stack's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def network(text: str, *, longest: int, shortest: int) -> str:
    """`text`, if it is a network whose prefix has between `longest` and `shortest` bits."""
    try:
        prefix = ipaddress.IPv4Network(text).prefixlen
    except ValueError as error:
        raise ValueError(f"must be a network such as 10.0.0.0/{longest} ({error})") from None
    if not longest <= prefix <= shortest:
        sizes = f"/{longest} to /{shortest}" if shortest > longest else f"/{longest}"
        raise ValueError(f"must be a {sizes} (got {text!r})")
    return text
