"""Takes a grant away from a function that runs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.flow.driver import Driver


@contextmanager
def without(driver: Driver, role: str, word: str) -> Iterator[None]:
    """Meanwhile the role lacks every statement that has `word` (an action, a resource's ARN) in it."""
    iam = driver.client("iam")
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    less = {**document, "Statement": [one for one in document["Statement"] if word not in json.dumps(one)]}
    assert less != document
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))
