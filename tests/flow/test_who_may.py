"""Who may what, through the whole gateway: each route of the document, asked by everybody there is (ADR 14)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from components.api.document import Operation, load, operations
from runtime.domain import file_ids
from tests.flow.caller import Caller
from tests.flow.driver import Driver
from tests.people import HTTP, Pool, claims

pytestmark = pytest.mark.flow

ROUTES = list(operations(load()))
ID = {"token_use": "id"}
SHA256 = hashlib.sha256(b"abc").hexdigest()
BODIES: dict[str, Any] = {
    "createUpload": {"name": "mine.csv", "size": 3},
    "signParts": {"parts": [{"number": 1, "sha256": SHA256}]},
}
HEADERS = {"deleteFile": {"If-Match": '"another"'}}


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Statuses: for whose it is, for anybody else, and for an operator."""

    owner: int
    stranger: int
    operator: int


EXPECTED = {
    "getMe": Expected(owner=200, stranger=200, operator=200),
    "listUploads": Expected(owner=200, stranger=200, operator=200),
    "createUpload": Expected(owner=201, stranger=201, operator=201),
    "getUpload": Expected(owner=200, stranger=404, operator=200),
    "abortUpload": Expected(owner=204, stranger=404, operator=204),
    "listParts": Expected(owner=200, stranger=404, operator=200),
    "signParts": Expected(owner=200, stranger=404, operator=403),
    # Let in, and told that parts are missing.
    "completeUpload": Expected(owner=409, stranger=404, operator=403),
    "listFiles": Expected(owner=200, stranger=200, operator=200),
    "getFile": Expected(owner=200, stranger=404, operator=200),
    # Let in, and told that the file is another than they have seen: so it stays for those who come after.
    "deleteFile": Expected(owner=412, stranger=404, operator=412),
    "getLinks": Expected(owner=200, stranger=404, operator=200),
    "getPreview": Expected(owner=200, stranger=404, operator=200),
    "getResult": Expected(owner=200, stranger=404, operator=200),
    # Let in, and told that the file has not failed.
    "redriveFile": Expected(owner=403, stranger=404, operator=409),
}


@dataclass(frozen=True, kw_only=True)
class People:
    """Ann, whose things are asked for; Ben, who has none; Olga, an operator. And two programs."""

    pool: Pool
    ann: Caller
    ben: Caller
    olga: Caller
    program: Caller
    operating: Caller
    file: str
    subject: str

    def with_token(self, token: str | None) -> Caller:
        return Caller(self.ann.base, token, self.ann.http)


@pytest.fixture(scope="module")
def people(driver: Driver) -> People:
    sign_in = HTTP.request("GET", f"{driver.out('page_url')}config.json").json()["sign_in"]
    pool = Pool(
        cloud=driver.platform.cloud, id=driver.out("people_pool_id"), client=sign_in["client_id"],
        address=sign_in["domain"], page=driver.out("page_url"),
    )  # fmt: skip
    tokens = {}
    for name, groups in {"ann": [], "ben": [], "olga": ["operators"]}.items():
        pool.account(f"{name}@example.com", *groups)
        tokens[name] = pool.tokens(f"{name}@example.com")["access_token"]
    base, keys = driver.out("api_url"), driver.out("api_keys")
    subject = claims(tokens["ann"])["sub"]
    file = f"u-{subject}/people.csv"
    driver.wait(file, driver.put(file, b"id,city\n1,Bern\n"))
    return People(
        pool=pool, ann=Caller(base, tokens["ann"]), ben=Caller(base, tokens["ben"]), olga=Caller(base, tokens["olga"]),
        program=Caller(base, keys["demo"]), operating=Caller(base, keys["operator"]),
        file=file, subject=subject,
    )  # fmt: skip


def asked(operation: Operation, who: Caller, *, file: str, upload: str) -> Any:
    path = operation.path.replace("{upload}", upload).replace("{file}", file_ids.of_name(file))
    return who.call(operation.method.upper(), path, BODIES.get(operation.id), **HEADERS.get(operation.id, {}))


def open_upload(people: People, operation: Operation) -> str:
    """A new one of Ann's, if the route is about one."""
    if "{upload}" not in operation.path:
        return ""
    return str(people.ann.json("POST", "/uploads", BODIES["createUpload"], 201)["id"])


def told(answer: Any) -> tuple[Any, ...]:
    """All of an answer that could tell one thing that is not there from another."""
    varying = {"instance"}
    body = {name: value for name, value in answer.json().items() if name not in varying}
    return answer.status, body, sorted(answer.headers)


def test_every_route_has_a_line() -> None:
    assert [one.id for one in ROUTES] == list(EXPECTED)


@pytest.mark.parametrize("operation", ROUTES, ids=lambda one: one.id)
def test_everybody_gets_what_the_table_says(operation: Operation, people: People) -> None:
    expected = EXPECTED[operation.id]
    strangers = {"ben": people.ben, "the program": people.program}
    operators = {"olga": people.olga, "the operating program": people.operating}
    upload = open_upload(people, operation)
    for name, who in strangers.items():
        answer = asked(operation, who, file=people.file, upload=upload)
        assert answer.status == expected.stranger, f"{name}: {answer.data!r}"
        if expected.stranger == 404:
            # Nor can they tell whether there is such a thing.
            missing = asked(operation, who, file=f"u-{people.subject}/none.csv", upload="n" * len(upload))
            assert told(answer) == told(missing), name
    for name, who in operators.items():
        answer = asked(operation, who, file=people.file, upload=upload)
        assert answer.status == expected.operator, f"{name}: {answer.data!r}"
        if operation.id == "abortUpload":
            upload = open_upload(people, operation)
    answer = asked(operation, people.ann, file=people.file, upload=upload)
    assert answer.status == expected.owner, answer.data


def part(content: dict[str, Any] | bytes) -> str:
    """One of a token's three parts."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(people: People) -> str:
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(people.pool.claims(people.subject))}."


def signed_with_the_public_key(people: People) -> str:
    """A library that lets the token choose would take the published key for a shared secret."""
    good = people.pool.signed(people.pool.claims(people.subject))
    identity = jwt.get_unverified_header(good)["kid"]
    published = HTTP.request("GET", f"{people.pool.cloud.endpoint}/{people.pool.id}/.well-known/jwks.json").json()
    (key,) = [one for one in published["keys"] if one["kid"] == identity]
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = jwt.PyJWK(key).key.public_bytes(serialization.Encoding.PEM, form)
    signed = f"{part({'alg': 'HS256', 'kid': identity})}.{part(people.pool.claims(people.subject))}"
    return f"{signed}.{part(hmac.digest(pem, signed.encode(), 'sha256'))}"


def signed_by_somebody_else(people: People) -> str:
    good = people.pool.signed(people.pool.claims(people.subject))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kid = jwt.get_unverified_header(good)["kid"]
    return jwt.encode(people.pool.claims(people.subject), key, algorithm="RS256", headers={"kid": kid})


def promoted(people: People) -> str:
    """Ben's own, with one line added."""
    assert people.ben.key
    header, _, signature = people.ben.key.split(".")
    return f"{header}.{part({**claims(people.ben.key), 'cognito:groups': ['operators']})}.{signature}"


def saying(use: str = "access", **changes: Any) -> Callable[[People], str]:
    """Signed by the pool, so that what is wrong is just this."""
    return lambda people: people.pool.signed(people.pool.claims(people.subject, **changes), use)


WRONG: dict[str, Callable[[People], str | None]] = {
    "nothing": lambda people: None,
    "a key that nobody has": lambda people: "k" * 32,
    "another's key, one letter short": lambda people: str(people.program.key)[:-1],
    "a token that has run out": saying(iat=int(time.time()) - 7200, exp=int(time.time()) - 3600),
    "a token that does not hold yet": saying(nbf=int(time.time()) + 3600),
    "another client's token": saying(client_id="somebody-elses-page"),
    "another pool's token": saying(iss="https://cognito-idp.us-east-1.amazonaws.com/us-east-1_other"),
    "an id token": lambda people: people.pool.signed(people.pool.claims(people.subject, **ID), "id"),
    "a token that never ends": lambda people: people.pool.signed(
        {name: value for name, value in people.pool.claims(people.subject).items() if name != "exp"}
    ),
    "a token of a folder instead of an account": saying(sub="../demo"),
    "a token that nobody signed": unsigned,
    "a token signed with the public key": signed_with_the_public_key,
    "a token that somebody else signed": signed_by_somebody_else,
    "a token that was changed": promoted,
}


@pytest.mark.parametrize("operation", ROUTES, ids=lambda one: one.id)
def test_no_route_opens_to_what_is_no_key_and_no_token(operation: Operation, people: People) -> None:
    upload = open_upload(people, operation)
    for name, make in WRONG.items():
        answer = asked(operation, people.with_token(make(people)), file=people.file, upload=upload)
        assert answer.status == 401, f"{name}: {answer.status} {answer.data!r}"
        assert answer.headers["www-authenticate"] == "Bearer", name
        assert answer.json()["status"] == 401, name


def test_what_they_differ_in_is_what_is_refused(people: People) -> None:
    """The tokens above are wrong in one thing each: without it they open."""
    assert people.with_token(people.pool.signed(people.pool.claims(people.subject))).call("GET", "/me").status == 200


def test_a_token_that_runs_out_is_refused_although_its_answer_is_kept(people: People) -> None:
    who = people.with_token(people.pool.signed(people.pool.claims(people.subject, exp=int(time.time()) + 4)))
    assert who.call("GET", "/files").status == 200
    time.sleep(4)
    answer = who.call("GET", "/files")
    assert (answer.status, answer.json()["detail"]) == (401, "The token has run out; sign in again.")


def test_no_list_shows_what_is_anothers(people: People) -> None:
    people.ann.json("POST", "/uploads", BODIES["createUpload"], 201)
    uploads = people.ann.json("GET", "/uploads?limit=1")
    files = people.ann.json("GET", "/files?limit=1")
    assert uploads["uploads"]
    assert [one["name"] for one in files["files"]] == [people.file]
    for query in ("", f"?prefix=u-{people.subject}/", f"?prefix={people.file}", "?state=succeeded"):
        assert people.ben.json("GET", f"/files{query}")["files"] == [], query
    # Where Ann's list goes on leads Ben to older ones of his own.
    folder = f"u-{claims(str(people.ben.key))['sub']}/"
    found = people.ben.json("GET", f"/uploads?cursor={uploads['next']}")["uploads"]
    assert all(one["name"].startswith(folder) for one in found)
    shown = people.olga.json("GET", f"/files?prefix=u-{people.subject}/")["files"]
    assert [one["name"] for one in shown] == [people.file]


def test_everybody_uploads_to_their_own_folder(people: People) -> None:
    wanted = {"name": f"u-{people.subject}/people.csv", "size": 3}
    made = people.ben.json("POST", "/uploads", wanted, 201)
    subject = claims(str(people.ben.key))["sub"]
    assert made["name"] == f"u-{subject}/{wanted['name']}"


def test_an_idempotency_key_is_its_callers_own(people: People) -> None:
    ids = set()
    for who in (people.ann, people.ben, people.program):
        answer = who.call("POST", "/uploads", BODIES["createUpload"], **{"Idempotency-Key": "the-same-for-all"})
        assert answer.status == 201
        ids.add(answer.json()["id"])
    assert len(ids) == 3
