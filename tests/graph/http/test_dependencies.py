"""The check of the attributes of libraries."""

from importlib.metadata import version

import httpx
import pytest

from graph.http.dependencies import require_attributes


def test_attributes_that_exist_pass() -> None:
    require_attributes(httpx, ["AsyncClient", "get"], "httpx")
    require_attributes(httpx.AsyncClient, ["post"], "httpx")


def test_a_missing_attribute_is_named_with_the_version_of_the_library() -> None:
    with pytest.raises(ImportError) as failure:
        require_attributes(httpx.AsyncClient, ["get", "fetch"], "httpx")

    assert str(failure.value) == (
        f"httpx {version('httpx')} is not supported: AsyncClient has no fetch; install a"
        " version that pyproject.toml allows"
    )
