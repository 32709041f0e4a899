"""Calls of API Gateway to functions: judged by the functions' own policies, which ministack does not ask."""

import re
from typing import Any

from local.gateway import service
from local.hooks import Function, Hooks
from local.iam.court import Court, sourced

_PARAMETER = re.compile(r"\{[^}]+\}")
_SERVICE, _ACTION = "apigateway.amazonaws.com", "lambda:InvokeFunction"


class Gateways:
    """The mends for authorizers and integrations."""

    def __init__(self, court: Court) -> None:
        self._court = court

    def mend(self, hooks: Hooks) -> None:
        """Puts both in force."""
        module = "services.apigateway_v1"
        hooks.replace(module, "_invoke_authorizer_lambda", "authorizer event account_id region", self._authorizers)
        hooks.replace(
            module,
            "_invoke_lambda_proxy_v1",
            "integration api_id stage_name stage resource request_path method headers body query_params path_params "
            "owner_account_id owner_region binary_media_types authorizer_context caller_identity",
            self._integrations,
        )

    def _authorizers(self, invoke: Function) -> Function:
        async def invoke_authorizer(authorizer: Any, event: Any, account: str, region: str) -> Any:
            api = f"arn:aws:execute-api:{region}:{account}:{event['methodArn'].split(':')[5].partition('/')[0]}"
            if not self._may(authorizer["authorizerUri"], f"{api}/authorizers/{authorizer['id']}"):
                return None
            return await invoke(authorizer, event, account, region)

        return invoke_authorizer

    def _integrations(self, invoke: Function) -> Function:
        async def invoke_proxy(
            integration: Any, api_id: str, stage_name: str, stage: Any, resource: Any, path: str, method: str,
            *args: Any, owner_account_id: str, owner_region: str, **kwargs: Any,
        ) -> Any:  # fmt: skip
            source = f"arn:aws:execute-api:{owner_region}:{owner_account_id}:{api_id}/{stage_name}/{method}"
            if not self._may(integration["uri"], source + _PARAMETER.sub("*", resource["path"])):
                return service()._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
            return await invoke(
                integration, api_id, stage_name, stage, resource, path, method, *args,
                owner_account_id=owner_account_id, owner_region=owner_region, **kwargs,
            )  # fmt: skip

        return invoke_proxy

    def _may(self, uri: str, source: str) -> bool:
        function = uri.partition("/functions/")[2].partition("/invocations")[0]
        return bool(self._court.call(_SERVICE, _ACTION, function, **sourced(source)))
