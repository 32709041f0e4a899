"""CloudFront signed URLs: verified as CloudFront does, on a loopback port for each distribution.

ministack serves everything to everybody. Here a behaviour with trusted key groups asks for `Expires` or `Policy`,
`Signature` and `Key-Pair-Id`, by a key of one of its groups. What the signature covers is compared with the URL that
the viewer asked for.

Source: Amazon CloudFront Developer Guide, "Use signed URLs"; canned and custom policies.
"""

import base64
import binascii
import contextvars
import fnmatch
import importlib
import ipaddress
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from local.guard import App, Receive, Scope, Send
from local.hooks import Function, Hooks

_SIGNATURE_PARAMETERS = frozenset({"Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"})
_HASHES: Mapping[str, type[hashes.HashAlgorithm]] = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256}
_FROM_URL = str.maketrans("-_~", "+=/")

Query = dict[str, list[str]]
# Where the viewer's browser thinks it is: `http://localhost:PORT`. Set by the distribution's own port.
_base: contextvars.ContextVar[str | None] = contextvars.ContextVar("penstock_viewer_base", default=None)


class Viewer:
    """ASGI: one distribution on a port of its own. `domain` is the distribution's, `base` the port's URL."""

    def __init__(self, app: App, domain: str, base: str) -> None:
        self._app = app
        self._host = domain.encode()
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await settle(receive, send)
        elif scope["type"] == "http":
            headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
            _base.set(self._base)
            await self._app({**scope, "headers": [(b"host", self._host), *headers]}, receive, send)


async def settle(receive: Receive, send: Send) -> None:
    """The application behind has been started already, by the cloud's own port."""
    for step in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{step}.complete"})


def mend(hooks: Hooks) -> None:
    """Makes behaviours remember their key groups, and viewer requests be judged by them."""
    hooks.replace("services.cloudfront", "_dataplane_behavior", "behavior_el path_pattern", _with_key_groups)
    hooks.replace(
        "services.cloudfront",
        "handle_viewer_request",
        "dist method path raw_uri raw_query_string headers body query_params client_ip",
        _judging,
    )
    hooks.replace(
        "services.s3", "_cloudfront_origin_allows", "owner bucket_name key source_arn oai_id", _fetching_by_tls
    )


def _fetching_by_tls(allows: Function) -> Function:
    """CloudFront fetches from S3 by TLS, however the viewer came: a TLS-only bucket policy must not refuse it."""
    evaluator = importlib.import_module("ministack.core.iam_evaluator")

    def allowed(*args: Any, **kwargs: Any) -> Any:
        def judge() -> Any:
            evaluator.pin_request_origin("127.0.0.1", True)
            return allows(*args, **kwargs)

        return contextvars.copy_context().run(judge)

    return allowed


def _cloudfront() -> Any:
    return importlib.import_module("ministack.services.cloudfront")


def _with_key_groups(behavior: Function) -> Function:
    def dataplane_behavior(behavior_el: Any, path_pattern: str | None = None) -> dict[str, Any]:
        groups = [
            element.text
            for trusted in behavior_el.iter()
            if _tag(trusted) == "TrustedKeyGroups"
            for element in trusted.iter()
            if _tag(element) == "KeyGroup" and element.text
        ]
        return {**behavior(behavior_el, path_pattern), "key_groups": groups}

    return dataplane_behavior


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _judging(handle: Function) -> Function:
    async def handle_viewer_request(
        dist: dict[str, Any],
        method: str,
        path: str,
        raw_uri: str,
        raw_query_string: str,
        headers: dict[str, str],
        body: bytes,
        query_params: Query,
        client_ip: str = "127.0.0.1",
    ) -> Any:
        cloudfront = _cloudfront()
        behavior = cloudfront._match_behavior(cloudfront.parse_distribution_dataplane_config(dist), path)
        if method != "OPTIONS" and behavior and behavior["key_groups"]:
            base = _base.get() or f"https://{dist['DomainName']}"
            url = base + raw_uri + (f"?{kept}" if (kept := _unsigned(raw_query_string)) else "")
            try:
                _verify(url, query_params, _keys(behavior["key_groups"]), client_ip)
            except Refused as refusal:
                return _refusal(refusal)
            query_params = {name: values for name, values in query_params.items() if name not in _SIGNATURE_PARAMETERS}
            raw_query_string = kept
        return await handle(dist, method, path, raw_uri, raw_query_string, headers, body, query_params, client_ip)

    return handle_viewer_request


class Refused(Exception):
    """A request without a good signature; `code` as CloudFront names it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Conditions:
    resource: str
    before: float
    after: float | None = None
    address: str | None = None


def _unsigned(raw_query_string: str) -> str:
    """The query string without what belongs to the signature, in the viewer's own spelling."""
    pieces = raw_query_string.split("&") if raw_query_string else []
    return "&".join(piece for piece in pieces if piece.partition("=")[0] not in _SIGNATURE_PARAMETERS)


def _keys(groups: list[str]) -> dict[str, str]:
    """Public keys (PEM) of the groups, by their ids."""
    cloudfront = _cloudfront()
    ids = [item for group in groups if group in cloudfront._key_groups for item in _items(cloudfront, group)]
    return {item: cloudfront._public_keys[item]["Config"]["EncodedKey"] for item in ids}


def _items(cloudfront: Any, group: str) -> list[str]:
    items: list[str] = cloudfront._key_groups[group]["Config"].get("Items", [])
    return [item for item in items if item in cloudfront._public_keys]


def _verify(url: str, query: Query, keys: Mapping[str, str], client_ip: str) -> None:
    """Raises `Refused` unless the request for `url` carries a signature of one of `keys` that still holds."""
    given = {name: values[0] for name, values in query.items() if name in _SIGNATURE_PARAMETERS and values}
    if not {"Signature", "Key-Pair-Id"} <= given.keys() or not {"Expires", "Policy"} & given.keys():
        raise Refused("MissingKey", "Missing Key-Pair-Id query parameter or cookie value")
    pem = keys.get(given["Key-Pair-Id"])
    algorithm = _HASHES.get(given.get("Hash-Algorithm", "SHA1"))
    if pem is None or algorithm is None:
        raise Refused("InvalidKey" if pem is None else "AccessDenied", "Unknown Key")
    if "Policy" in given:
        signed = _decode(given["Policy"])
        conditions = _custom(signed)
    else:
        signed = canned_policy(url, given["Expires"])
        conditions = _Conditions(resource=url, before=_number(given["Expires"]))
    _check_signature(pem, _decode(given["Signature"]), signed, algorithm())
    now = time.time()
    if now >= conditions.before or (conditions.after is not None and now < conditions.after):
        raise Refused("AccessDenied", "Access denied")
    if not _covers(conditions.resource, url) or not _in_network(conditions.address, client_ip):
        raise Refused("AccessDenied", "Access denied")


def canned_policy(url: str, expires: str) -> bytes:
    """The policy that a URL with `Expires` stands for: what its signature was made of."""
    condition = '{"DateLessThan":{"AWS:EpochTime":' + expires + "}}"
    return ('{"Statement":[{"Resource":"' + url + '","Condition":' + condition + "}]}").encode()


def _custom(policy: bytes) -> _Conditions:
    try:
        (statement,) = json.loads(policy)["Statement"]
        condition = statement["Condition"]
        return _Conditions(
            resource=statement.get("Resource", "*"),
            before=float(condition["DateLessThan"]["AWS:EpochTime"]),
            after=_optional(condition.get("DateGreaterThan", {}).get("AWS:EpochTime")),
            address=condition.get("IpAddress", {}).get("AWS:SourceIp"),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused("MalformedPolicy", "Malformed Policy") from None


def _optional(value: Any) -> float | None:
    return None if value is None else float(value)


def _number(text: str) -> float:
    if not text.isdecimal():
        raise Refused("MalformedPolicy", "Malformed Policy")
    return float(text)


def _decode(text: str) -> bytes:
    """CloudFront's own base64 for URLs."""
    try:
        return base64.b64decode(text.translate(_FROM_URL), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("AccessDenied", "Access denied") from None


def _check_signature(pem: str, signature: bytes, signed: bytes, algorithm: hashes.HashAlgorithm) -> None:
    try:
        key = serialization.load_pem_public_key(pem.encode())
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(algorithm))
        else:
            raise Refused("AccessDenied", "Access denied")
    except (InvalidSignature, ValueError):
        raise Refused("AccessDenied", "Access denied") from None


def _covers(resource: str, url: str) -> bool:
    """Wildcards of a policy are `*` and `?`; everything else stands for itself."""
    pattern = resource.replace("[", "[[]")
    return fnmatch.fnmatchcase(url, pattern)


def _in_network(network: str | None, address: str) -> bool:
    try:
        return network is None or ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _refusal(refusal: Refused) -> tuple[int, dict[str, str], bytes]:
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{refusal.code}</Code><Message>{refusal}</Message></Error>'
    )
    headers = {"Content-Type": "text/xml", "Server": "CloudFront", "X-Cache": "Error from cloudfront"}
    return 403, headers, body.encode()
