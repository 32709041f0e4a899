"""Every error becomes one sentence and a status."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ProfileNotFound

from cli.problems import MEANINGS, Code, Problem, explain


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "You may not."}}, "GetItem")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (Problem(Code.NOT_FOUND, "no such file"), Code.NOT_FOUND, "no such file"),
        (KeyboardInterrupt(), Code.INTERRUPTED, "stopped"),
        (NoCredentialsError(), Code.UNREACHABLE, "sign in"),
        (ProfileNotFound(profile="dev"), Code.UNREACHABLE, "dev"),
        (EndpointConnectionError(endpoint_url="http://there"), Code.UNREACHABLE, "http://there"),
        (refusal("ExpiredToken"), Code.UNREACHABLE, "sign in again"),
        (refusal("AccessDenied"), Code.UNEXPECTED, "GetItem was refused: AccessDenied: You may not"),
        (FileNotFoundError(2, "No such file or directory", "a.csv"), Code.UNEXPECTED, "a.csv"),
        (ZeroDivisionError("division by zero"), Code.UNEXPECTED, "unexpected ZeroDivisionError: division by zero"),
    ],
)
def test_an_error_is_explained(error: BaseException, code: Code, said: str) -> None:
    problem = explain(error)
    assert problem.code == code
    assert said in str(problem)
    assert "\n" not in str(problem)


def test_every_status_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Code)
