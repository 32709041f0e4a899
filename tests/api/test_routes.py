"""The table of routes is the document's, and each is served by the function that the document's tag says."""

from components.api.functions import SERVES, SPECS
from runtime.api.routes import OPERATIONS
from runtime.handlers import files, uploads
from tests.answers import ROUTES

SERVED = {"files": files.OPERATIONS, "uploads": uploads.OPERATIONS}


def test_the_table_is_the_documents() -> None:
    assert {(route.method.upper(), route.path): name for name, route in ROUTES.items()} == OPERATIONS


def test_every_operation_is_served_by_the_function_of_its_tag() -> None:
    for function, operations in SERVED.items():
        expected = {name for name, route in ROUTES.items() if SERVES[route.tag] == function}
        assert expected == operations.keys()
    assert {*SERVED, "authorize"} == SPECS.keys()
