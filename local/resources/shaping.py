"""Pulumi's inputs as the parameters of an AWS operation, by the SDK's own model of that operation.

The AWS provider's names are those of the API in another spelling (`sseAlgorithm` is `SSEAlgorithm`), so names are
matched without case. What differs in substance is given by the caller as renames.
"""

from collections.abc import Callable, Mapping
from typing import Any

from local.resources.base import Inputs, NotPlaced

_SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "string": str,
}
_NO_RENAMES: Mapping[str, str] = {}


def shape(client: Any, operation: str, inputs: Inputs, rename: Mapping[str, str] = _NO_RENAMES) -> dict[str, Any]:
    """Parameters for `client.<operation>`; takes everything out of `inputs`.

    `rename` maps a Pulumi name, at any depth, to the API's. Raises `NotPlaced` with the path of an input that the
    operation does not know: an emulator that drops a setting hides the defect that the setting was there to prevent.
    """
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation])
    given = dict(inputs)
    inputs.clear()
    return _structure(model.input_shape, given, rename, operation)


def _structure(model: Any, given: Mapping[str, Any], rename: Mapping[str, str], path: str) -> dict[str, Any]:
    members = {member.lower(): member for member in model.members}
    made: dict[str, Any] = {}
    for name, value in given.items():
        member = members.get(rename.get(name, name).lower())
        if member is None:
            raise NotPlaced(f"{path} has no place for {name!r}")
        made[member] = _value(model.members[member], value, rename, f"{path}.{name}")
    if "Items" in made and "Quantity" in model.members:
        made["Quantity"] = len(made["Items"])
    return made


def _value(model: Any, value: Any, rename: Mapping[str, str], path: str) -> Any:
    kind = model.type_name
    if kind == "structure":
        return _nested(model, value, rename, path)
    if kind == "list":
        if isinstance(value, Mapping) and model.member.type_name == "structure" and len(model.member.members) == 2:
            return _pairs(model.member, value)
        return [_value(model.member, one, rename, path) for one in (value if isinstance(value, list) else [value])]
    if kind == "map":
        return {key: _value(model.value, one, rename, f"{path}.{key}") for key, one in value.items()}
    return _SCALARS[kind](value) if kind in _SCALARS else value


def _nested(model: Any, value: Any, rename: Mapping[str, str], path: str) -> dict[str, Any]:
    if isinstance(value, list):
        return _counted(model, value, rename, path)
    if set(model.members) == {"Items"} and "items" not in value:
        # CloudFront's tags.
        return {"Items": _pairs(model.members["Items"].member, value)}
    return _structure(model, value, rename, path)


def _counted(model: Any, values: list[Any], rename: Mapping[str, str], path: str) -> dict[str, Any]:
    """CloudFront's lists: `{Quantity, Items}`, some with an `Enabled` of their own. Absent `Items` means none."""
    if "Items" not in model.members:
        raise NotPlaced(f"{path} takes one value, not {len(values)}")
    made: dict[str, Any] = {"Quantity": len(values)}
    if values:
        made["Items"] = _value(model.members["Items"], values, rename, path)
    if "Enabled" in model.members:
        made["Enabled"] = bool(values)
    return made


def _pairs(model: Any, values: Mapping[str, Any]) -> list[dict[str, str]]:
    """A mapping as the API's list of pairs (`Key` and `Value`, `Name` and `Value`, `TagKey` and `TagValue`)."""
    key, value = model.members
    return [{key: name, value: str(one)} for name, one in values.items()]
