"""Limits that the functions hold to are the document's: the gateway does not validate all of them."""

from typing import Any

from components.api.document import inlined
from runtime.api import requests
from runtime.api.problems import STATUS
from runtime.domain import file_lists, upload_names, upload_requests
from runtime.domain.refusals import Refusal
from runtime.handlers import files
from tests.answers import DOCUMENT

SCHEMAS: Any = inlined(DOCUMENT, DOCUMENT["components"]["schemas"])
PARAMETERS: Any = inlined(DOCUMENT, DOCUMENT["components"]["parameters"])


def test_of_bodies() -> None:
    parts = SCHEMAS["PartsToSign"]["properties"]["parts"]
    assert parts["maxItems"] == upload_requests.SIGN_MOST
    assert parts["items"]["properties"]["number"]["maximum"] == upload_names.PARTS_MOST
    assert SCHEMAS["NewUpload"]["properties"]["name"]["maxLength"] == upload_names.NAME_MOST


def test_of_parameters() -> None:
    limit = PARAMETERS["Limit"]["schema"]
    assert (limit["maximum"], limit["default"]) == (requests.LIMIT_MOST, requests.LIMIT_DEFAULT)
    assert PARAMETERS["Cursor"]["schema"]["maxLength"] == requests.CURSOR_MOST
    assert tuple(SCHEMAS["State"]["enum"]) == file_lists.STATES
    listed = {one["name"]: one for one in DOCUMENT["paths"]["/files"]["get"]["parameters"] if "name" in one}
    assert listed["prefix"]["schema"]["maxLength"] == files.PREFIX_MOST


def test_every_refusal_has_a_status() -> None:
    assert set(Refusal.__subclasses__()) == STATUS.keys()
