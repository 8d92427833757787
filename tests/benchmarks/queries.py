"""The queries of the benchmarks."""

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tests.benchmarks.fill import (
    CODE,
    DATASET,
    MODEL,
    POPULAR,
    Size,
    id_of,
    make_fields,
    make_rating,
    name_of,
)

LINKED_FIRST, LINKED_LATE = "benchmark", "benchmark_late"
"""Names of the tables in which links resolved when models were registered, or only later."""
SIZE = Size(models=10_000, datasets=1_000, codes=1_000)
STRIDE = 7_919
"""A prime: requests go through the whole registry before any artifact is read again."""
_new_numbers = itertools.count(time.time_ns() // 1_000_000)
"""Numbers of models that no run has registered yet; their names sort last."""
_TEXT = "id type name url downloadUrl license tags version createdAt updatedAt"

PAGE = """{
  models(first: 100) { nodes {
    id name url
    rating { netScore rampUpTime busFactor license }
    dataset { id name url }
    code { id name url }
  } }
}"""
BY_ID = """query ($id: ID!) {
  model(by: { id: $id }) {
    id name url license tags version createdAt
    rating { netScore rampUpTime busFactor license }
    dataset { id name url }
    code { id name url }
  }
}"""
BY_NAME = """query ($name: String!) {
  dataset(by: { name: $name }) {
    id name url
    models(first: 20) { nodes { id name url } pageInfo { hasNextPage } }
  }
}"""
NESTED = f"""{{
  datasets(first: 10) {{ nodes {{
    {_TEXT}
    models(first: 10) {{ nodes {{
      {_TEXT}
      code {{ {_TEXT} }}
    }} }}
  }} }}
}}"""
REGISTER = """mutation ($input: RegisterModelInput!) {
  registerModel(input: $input) {
    model { id name url rating { netScore } dataset { id name url } code { id name url } }
    userErrors { code message }
  }
}"""


@dataclass(frozen=True, slots=True)
class Query:
    """A kind of request; `variables` returns different variables for each request number."""

    name: str
    text: str
    variables: Callable[[int], Mapping[str, Any]] = lambda _: {}
    table: str = LINKED_FIRST
    """The table that it reads on DynamoDB."""
    writes: bool = False

    def body(self, number: int) -> bytes:
        """Return the JSON of one request."""
        return orjson.dumps({"query": self.text, "variables": self.variables(number)})


def make_register_variables(size: Size) -> Callable[[int], Mapping[str, Any]]:
    """Return a function that makes the variables of a new model with links that resolve."""

    def variables(number: int) -> Mapping[str, Any]:
        links = {
            "datasets": [{"name": name_of(DATASET, number * STRIDE % size.datasets)}],
            "codes": [{"name": name_of(CODE, number * STRIDE % size.codes)}],
        }
        return {
            "input": {
                **make_fields(MODEL, next(_new_numbers)),
                **links,
                "rating": make_rating(number),
            }
        }

    return variables


def make_queries(size: Size = SIZE) -> tuple[Query, ...]:
    """Return the queries that are sent to all systems."""
    popular = min(POPULAR, size.datasets)
    return (
        Query("page", PAGE),
        Query("page-late", PAGE, table=LINKED_LATE),
        Query("by-id", BY_ID, lambda n: {"id": id_of(MODEL, n * STRIDE % size.models)}),
        Query("by-name", BY_NAME, lambda n: {"name": name_of(DATASET, n % popular)}),
        Query("nested", NESTED),
        Query("register", REGISTER, make_register_variables(size), writes=True),
    )
