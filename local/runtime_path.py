"""What a function's process finds around it: the runtime client, an SDK as a fallback, and its environment."""

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

# AWS's runtime client and all that it imports.
_CLIENT = ("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py")
# What AWS's own image offers to a function that does not bundle an SDK.
_SDK = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")


def make(folder: Path) -> tuple[Path, ...]:
    """Folders for the search path, of links into our own environment; a function's package comes before them."""
    return _linked(folder / "client", _CLIENT), sdk(folder / "sdk")


def sdk(folder: Path) -> Path:
    """A folder with nothing but the SDK, in links."""
    return _linked(folder, _SDK)


def _linked(path: Path, modules: tuple[str, ...]) -> Path:
    path.mkdir(parents=True)
    for module in modules:
        spec = importlib.util.find_spec(module)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"the local cloud needs {module} to run functions")
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (path / source.name).symlink_to(source)
    return path


def environment(config: dict[str, Any], code: Path, endpoint: str) -> dict[str, str]:
    """The whole environment of a function, but for what is the process's own. Nothing of ours is inherited.

    `config` is ministack's record of the function; its role's credentials are issued by ministack.
    """
    name, region = config["FunctionName"], config["FunctionArn"].split(":")[3]
    logging = config.get("LoggingConfig") or {}
    runtime = importlib.import_module("ministack.core.lambda_runtime")
    variables = dict((config.get("Environment") or {}).get("Variables") or {})
    reserved = {
        "_HANDLER": config["Handler"],
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": logging.get("LogGroup") or f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_LAMBDA_LOG_FORMAT": logging.get("LogFormat", "Text"),
        "LAMBDA_TASK_ROOT": str(code),
        # Everything that the function calls is here; it never looks for an account or a role elsewhere.
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        runtime.HOST_PREFIX_ENV: "true",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        **runtime.execution_credentials(config),
    }
    if logging.get("ApplicationLogLevel"):
        reserved["AWS_LAMBDA_LOG_LEVEL"] = logging["ApplicationLogLevel"]
    return variables | reserved
