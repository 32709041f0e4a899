"""An API as a distribution's origin: ministack refuses every host name of AWS's, this cloud's own APIs included.

And whatever is in a path, it is led by the pattern that it fits: ministack's `*` ends at the first line end (`%0A`).

Source: Amazon CloudFront Developer Guide, "Request and response behavior for custom origins".
"""

import http.client
import importlib
import re
from typing import Any
from urllib.parse import parse_qs, unquote

from local.hooks import Function, Hooks

_HOST = re.compile(r"(?P<api>[a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com")


def mend(hooks: Hooks) -> None:
    """Has distributions reach APIs of this cloud."""
    hooks.replace(
        "services.cloudfront",
        "_fetch_from_origin",
        "origin method uri query_string headers body viewer_is_https client_ip viewer_xff dist_arn",
        _knowing_apis,
    )
    hooks.replace("services.cloudfront", "_glob_to_regex", "pattern", _over_line_ends)


def _over_line_ends(compiled: Function) -> Function:
    def glob_to_regex(pattern: str) -> re.Pattern[str]:
        found: re.Pattern[str] = compiled(pattern)
        return re.compile(found.pattern.removesuffix("$") + r"\Z", re.DOTALL)

    return glob_to_regex


def _knowing_apis(fetch: Function) -> Function:
    async def fetch_from_origin(
        origin: dict[str, Any], method: str, uri: str, query_string: str, headers: dict[str, Any], body: bytes,
        viewer_is_https: bool, client_ip: str, viewer_xff: str, dist_arn: str,
    ) -> Any:  # fmt: skip
        host = origin["domain_name"].lower()
        found = _HOST.fullmatch(host)
        gateway = importlib.import_module("ministack.services.apigateway_v1")
        if found is None or gateway.find_api_scope(found["api"]) is None:
            return await fetch(
                origin, method, uri, query_string, headers, body, viewer_is_https, client_ip, viewer_xff, dist_arn
            )
        cloudfront = importlib.import_module("ministack.services.cloudfront")
        if not cloudfront._origin_connect_target(origin, viewer_is_https)[2]:
            raise cloudfront.OriginUnreachable(f"{host} answers HTTPS only")
        sent = {
            name.lower(): value
            for name, value in cloudfront._origin_request_headers(origin, headers, client_ip, viewer_xff).items()
        }
        if sent["host"].partition(":")[0].lower() != host:
            # A policy forwards the viewer's own Host, which names no API.
            return 403, "Forbidden", {"content-type": "application/json"}, b'{"message":"Forbidden"}'
        stage, _, path = unquote((origin.get("origin_path") or "") + uri).lstrip("/").partition("/")
        status, answered, content = await gateway.handle_execute(
            found["api"], stage, method, f"/{path}", sent, body, parse_qs(query_string, keep_blank_values=True)
        )
        pairs = [
            (name, value)
            for name, values in answered.items()
            for value in (values if isinstance(values, list) else [values])
        ]
        return status, http.client.responses.get(status, ""), cloudfront._multidict_from_pairs(pairs), content

    return fetch_from_origin
