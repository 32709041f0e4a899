"""API Gateway: says who calls, and under which key of the usage plan the request counts (ADR 14)."""

import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from runtime import environment
from runtime.adapters.telemetry import logger
from runtime.domain import callers, metrics, refusals


class Unauthorized(Exception):
    """API Gateway answers 401 when this word, and nothing else, is the error's text."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


@cache
def _settings() -> environment.Authorize:
    return environment.read(environment.Authorize)


@cache
def _programs() -> list[callers.Program]:
    path = Path(__file__).resolve().parents[2] / environment.CLIENTS
    return callers.programs(path.read_bytes(), _settings().client_keys)


def _tokens() -> callers.Tokens | None:
    settings = _settings()
    if settings.issuer == environment.NOBODY:
        return None
    # The libraries for tokens wait until somebody has one.
    from runtime.adapters.tokens import tokens  # noqa: PLC0415

    return tokens(settings.issuer, settings.people_client)


class _Later:
    """`Tokens` that are made when the first one is asked for."""

    def claims(self, token: str) -> Mapping[str, Any]:
        made = _tokens()
        if made is None:
            raise refusals.Unauthorized("There is no such key.")
        return made.claims(token)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A request's headers to a policy for all of the API, because the answer is kept and used for other routes too.

    The functions behind get `caller`, `folder`, `operator` and `expires`, all of them text. Whoever is not known is
    counted as a refusal, so that no alarm rings for a wrong key.
    """
    started = time.time_ns() // 1_000_000
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    try:
        known = callers.identify(
            headers.get("authorization", ""), _programs(), _Later(), people_key=_settings().people_key
        )
    except refusals.Unauthorized as refusal:
        # What was sent is a secret, even if it is a wrong one.
        logger.info("refused", extra={"reason": refusal.detail})
        print(metrics.refusal(context.function_name, started), flush=True)
        raise Unauthorized from None
    logger.info("known", extra={"caller": known.caller.name})
    stage = "/".join(event["methodArn"].split("/")[:2])
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{stage}/*"}
    return {
        "principalId": known.caller.folder,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {
            "caller": known.caller.name,
            "folder": known.caller.folder,
            "operator": "true" if known.caller.operator else "false",
            "expires": known.expires,
        },
        "usageIdentifierKey": known.usage_key,
    }
