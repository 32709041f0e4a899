"""Sessions of roles that services take up; STS itself would ask who the caller is, and a service is nobody there."""

import importlib
import secrets


def open_session(role_arn: str, name: str) -> dict[str, str]:
    """Credentials of a new session of a role, as boto3 takes them; they end with the cloud."""
    _, partition, _, _, account, role = role_arn.split(":", 5)
    role_name = role.rpartition("/")[2]
    access_key, secret, token = f"ASIA{secrets.token_hex(8).upper()}", secrets.token_hex(20), secrets.token_hex(32)
    importlib.import_module("ministack.services.sts").register_session(
        access_key,
        {
            "Arn": f"arn:{partition}:sts::{account}:assumed-role/{role_name}/{name}",
            "UserId": f"{role_name}:{name}",
            "SecretAccessKey": secret,
            "SessionToken": token,
        },
    )
    return {"aws_access_key_id": access_key, "aws_secret_access_key": secret, "aws_session_token": token}
