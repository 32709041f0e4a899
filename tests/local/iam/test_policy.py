"""Single statements: what each element and operator says, and that nothing unknown is passed over."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.iam.policy import Context, UnknownPolicy, applies, like, parse

OBJECT = "arn:aws:s3:::bucket/reports/1"


def speaks(statement: dict[str, Any], context: Context | None = None) -> bool:
    """Whether a statement, allowing if it does not say, speaks about reading `OBJECT`."""
    whole = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **statement}
    wanted = {name: value for name, value in whole.items() if value is not None}
    (parsed,) = parse(json.dumps({"Version": "2012-10-17", "Statement": wanted}))
    return applies(parsed, "s3:GetObject", OBJECT, context or {})


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Action": "s3:GetObject"}, True),
        ({"Action": "S3:getobject"}, True),
        ({"Action": ["s3:PutObject", "s3:Get*"]}, True),
        ({"Action": "s3:GetObjectVersion"}, False),
        ({"Action": "s3:GetObjec?"}, True),
        ({"Action": None, "NotAction": "s3:Put*"}, True),
        ({"Action": None, "NotAction": ["s3:Put*", "s3:Get*"]}, False),
        ({"Resource": "arn:aws:s3:::bucket/reports/*"}, True),
        ({"Resource": "arn:aws:s3:::bucket/Reports/*"}, False),
        ({"Resource": ["arn:aws:s3:::other/*", "arn:aws:s3:::*"]}, True),
        ({"Resource": None, "NotResource": "arn:aws:s3:::bucket/*"}, False),
        ({"Resource": None, "NotResource": "arn:aws:s3:::other/*"}, True),
        ({"Resource": "arn:aws:s3:::${aws:PrincipalTag/home}/*"}, False),
    ],
)
def test_actions_and_resources(statement: dict[str, Any], expected: bool) -> None:
    assert speaks(statement) is expected


def test_a_variable_is_what_the_request_says() -> None:
    statement = {"Resource": "arn:aws:s3:::${aws:PrincipalTag/home}/*"}
    assert speaks(statement, {"aws:principaltag/home": "bucket"})
    assert not speaks(statement, {"aws:principaltag/home": "other"})


RULE = "arn:aws:events:eu-west-1:1:rule/uploads"


@pytest.mark.parametrize(
    ("operator", "wanted", "found", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", ["b", "a"], "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a", None, False),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringNotEquals", "a", None, True),
        ("StringLike", "a*", "ab", True),
        ("StringNotLike", "a*", "ab", False),
        ("ArnLike", "arn:aws:events:*:1:rule/*", RULE, True),
        ("ArnEquals", "arn:aws:events:*:1:rule/*", RULE, True),
        ("ArnLike", "arn:aws:events:*:2:rule/*", RULE, False),
        ("ArnLike", "arn:aws:events:*:1:rule/*", "arn:aws:events:eu:2:1:rule/x", False),
        ("ArnLike", "arn:*", RULE, False),
        ("ArnNotLike", "arn:aws:events:*:2:rule/*", RULE, True),
        ("Bool", "true", "true", True),
        ("Bool", True, "true", True),
        ("Bool", "false", "true", False),
        ("Bool", "false", None, False),
        ("BoolIfExists", "false", None, True),
        ("Null", "true", None, True),
        ("Null", "true", "a", False),
        ("Null", "false", "a", True),
        ("Null", "false", None, False),
        ("NumericLessThanEquals", "600000", "600000", True),
        ("NumericLessThan", "9", "10", False),
        ("NumericGreaterThan", 9, "10", True),
        ("ForAnyValue:StringEquals", ["a", "b"], ("b", "c"), True),
        ("ForAnyValue:StringEquals", ["a"], ("b", "c"), False),
        ("ForAnyValue:StringEquals", ["a"], None, False),
        ("ForAnyValue:StringNotEquals", ["a"], None, False),
        ("ForAllValues:StringEquals", ["a", "b"], ("b", "a"), True),
        ("ForAllValues:StringEquals", ["a", "b"], ("b", "c"), False),
        ("ForAllValues:StringEquals", ["a"], None, True),
    ],
)
def test_conditions(operator: str, wanted: Any, found: Any, expected: bool) -> None:
    context: Context = {} if found is None else {"aws:key": found}
    assert speaks({"Condition": {operator: {"aws:Key": wanted}}}, context) is expected


def test_all_conditions_have_to_hold() -> None:
    condition = {"StringEquals": {"aws:a": "1", "aws:b": "2"}, "Bool": {"aws:c": "true"}}
    whole = {"aws:a": "1", "aws:b": "2", "aws:c": "true"}
    assert speaks({"Condition": condition}, whole)
    for missing in whole:
        assert not speaks({"Condition": condition}, {key: value for key, value in whole.items() if key != missing})


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Maybe"},
        {"Effect": None},
        {"Action": None},
        {"NotAction": "s3:*"},
        {"NotResource": "*"},
        {"NotPrincipal": "*"},
        {"Condition": {"StrangeEquals": {"aws:a": "1"}}},
        {"Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-01"}}},
        {"Condition": {"ForSomeValues:StringEquals": {"aws:a": "1"}}},
        {"Condition": {"NullIfExists": {"aws:a": "true"}}},
        {"Condition": {"Bool": {"aws:a": "yes"}}},
        {"Resource": {"Ref": "x"}},
        {"Principal": {"Robot": "x"}},
        {"Resource": "arn:${*}"},
        {"Resource": "arn:${aws:username, 'nobody'}"},
    ],
)
def test_what_is_not_known_is_refused(statement: dict[str, Any]) -> None:
    with pytest.raises(UnknownPolicy):
        speaks(statement)


def test_many_values_need_a_quantifier() -> None:
    with pytest.raises(UnknownPolicy, match="quantifier"):
        speaks({"Condition": {"StringEquals": {"aws:key": "a"}}}, {"aws:key": ("a", "b")})


@pytest.mark.parametrize("body", [{"Version": "2020-01-01"}, {"Version": "2012-10-17", "Extra": 1}])
def test_a_document_of_another_form_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(UnknownPolicy):
        parse(json.dumps({"Statement": [], **body}))


def test_an_old_document_has_no_variables() -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "${aws:username}"}
    with pytest.raises(UnknownPolicy):
        parse(json.dumps({"Version": "2008-10-17", "Statement": statement}))


@given(st.text(alphabet="ab/*?.", max_size=12))
def test_a_text_is_like_itself_and_like_a_star_around_it(text: str) -> None:
    assert like(text, "*")
    assert like(text, text)
    assert like(f"x{text}y", f"?{text}*")
