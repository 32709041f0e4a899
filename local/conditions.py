"""Condition keys of policies that ministack leaves out or gets wrong: object tags, and who it is that asks.

It knows the tags of an object that is read directly, but not those of a copy's source, nor those that a request sets
(`s3:RequestObjectTag`, `s3:RequestObjectTagKeys`), nor those of an object that is tagged. Putting an object with tags
takes `s3:PutObjectTagging` as well.
"""

import importlib
import re
from functools import cache
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from local.hooks import Function, Hooks

_TAGGING = frozenset(f"s3:{verb}Object{of}Tagging" for verb in ("Get", "Put", "Delete") for of in ("", "Version"))
_HEADER = "x-amz-tagging"
_SESSION = re.compile(r"arn:([\w-]+):sts::(\d+):assumed-role/([^/]+)/")

Keys = dict[str, Any]


class _Known(str):
    """The ARN of an object, with the condition keys that go with it."""

    keys: Keys


def mend(hooks: Hooks) -> None:
    """Puts all of it in force."""
    module = "core.iam_actions"
    hooks.replace(module, "s3_service_context", "iam_action query_params path headers", _describing)
    hooks.replace(module, "request_tag_context", "service iam_action body params", _reading)
    hooks.replace(module, "s3_additional_checks", "method path headers body query_params", _adding)
    hooks.replace(module, "s3_access_point_resources", "resource_arn", _telling)
    hooks.replace("core.iam_evaluator", "_resolve_condition_key", "key ctx", _naming)
    hooks.replace("core.iam_evaluator", "_fnmatch_compile", "pattern ignore_case", _matching)


def _describing(describe: Function) -> Function:
    def service_context(
        iam_action: str, query_params: Any, path: str = "", headers: dict[str, str] | None = None
    ) -> Keys:
        context: Keys = describe(iam_action, query_params, path, headers)
        if iam_action == "s3:PutObject":
            context |= _requested(_pairs(headers)) | _creating(query_params or {}, headers or {})
        if iam_action in _TAGGING:
            bucket, _, key = path.lstrip("/").partition("/")
            context |= _existing(bucket, key, query_params or {})
        return context

    return service_context


def _reading(read: Function) -> Function:
    def tag_context(service: str, iam_action: str, body: bytes, params: Any) -> Keys:
        if service != "s3" or iam_action not in ("s3:PutObjectTagging", "s3:PutObjectVersionTagging"):
            found: Keys = read(service, iam_action, body, params)
            return found
        try:
            root = ElementTree.fromstring(body)  # noqa: S314 - of our own clients, on the loopback address
        except ElementTree.ParseError:
            return {}
        tags = {one.findtext("{*}Key", ""): one.findtext("{*}Value", "") for one in root.iter() if _is_tag(one)}
        return _requested(tags)

    return tag_context


def _adding(add: Function) -> Function:
    def additional_checks(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: Any
    ) -> list[tuple[str, str]]:
        checks: list[tuple[str, str]] = [
            (action, _source(headers, arn)) if headers.get("x-amz-copy-source") else (action, arn)
            for action, arn in add(method, path, headers, body, query_params)
        ]
        tags = _pairs(headers)
        bucket, _, key = path.lstrip("/").partition("/")
        if tags and key and method in ("PUT", "POST"):
            tagged = _Known(f"arn:aws:s3:::{bucket}/{key}")
            tagged.keys = _requested(tags)
            checks.append(("s3:PutObjectTagging", tagged))
        return checks

    return additional_checks


def _telling(resources: Function) -> Function:
    def access_point_resources(resource_arn: str) -> list[tuple[str, Keys]]:
        keys: Keys = getattr(resource_arn, "keys", {})
        return [(arn, {**known, **keys}) for arn, known in resources(resource_arn)]

    return access_point_resources


def _naming(resolve: Function) -> Function:
    """`aws:PrincipalArn` of a session is the ARN of its role; ministack gives that of the session."""

    def condition_key(key: str, ctx: Any) -> Any:
        value = resolve(key, ctx)
        session = _SESSION.match(str(value)) if key.lower() == "aws:principalarn" else None
        return f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}" if session else value

    return condition_key


def _matching(_compile: Function) -> Function:
    """A wildcard stands for a line end as well; keys of objects may have them."""

    @cache
    def compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
        expression = "".join({"*": ".*", "?": "."}.get(one) or re.escape(one) for one in pattern)
        return re.compile(expression + r"\Z", re.DOTALL | (re.IGNORECASE if ignore_case else 0))

    return compiled


def _is_tag(element: Any) -> bool:
    return str(element.tag).rpartition("}")[2] == "Tag"


def _pairs(headers: dict[str, str] | None) -> dict[str, str]:
    return dict(parse_qsl((headers or {}).get(_HEADER, ""), keep_blank_values=True))


def _requested(tags: dict[str, str]) -> Keys:
    if not tags:
        return {}
    return {"s3:RequestObjectTagKeys": list(tags), **{f"s3:RequestObjectTag/{key}": tags[key] for key in tags}}


def _creating(query_params: Any, headers: dict[str, str]) -> Keys:
    """Whether a request makes an object, and what it says must not be there; parts of an upload make none yet.

    Source: S3 User Guide, "Enforce conditional writes on Amazon S3 buckets".
    """
    creates = "uploads" not in query_params and "partNumber" not in query_params
    found = {"s3:ObjectCreationOperation": "true" if creates else "false"}
    return found | ({"s3:if-none-match": headers["if-none-match"]} if "if-none-match" in headers else {})


def _existing(bucket: str, key: str, query_params: Any) -> Keys:
    s3 = importlib.import_module("ministack.services.s3")
    tags = s3.object_tags_for_condition(bucket, key, query_params)
    return {f"s3:ExistingObjectTag/{name}": value for name, value in tags.items()}


def _source(headers: dict[str, str], arn: str) -> _Known:
    """The source of a copy, with the tags of the version that is copied."""
    actions = importlib.import_module("ministack.core.iam_actions")
    _, version = actions._s3_source_object(headers)
    bucket, _, key = arn.removeprefix("arn:aws:s3:::").partition("/")
    source = _Known(arn)
    source.keys = _existing(bucket, key, {"versionId": [version]} if version else {})
    return source
