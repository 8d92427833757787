"""What the benchmarks ask."""

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
    described,
    id_of,
    name_of,
    rating,
)

LINKED_FIRST, LINKED_LATE = "benchmark", "benchmark_late"
"""Tables where links had resolved when the models were registered, and where they had not."""
SIZE = Size(models=10_000, datasets=1_000, codes=1_000)
STRIDE = 7_919
"""A prime: requests jump through the whole registry before they ask for anything again."""
_new = itertools.count(time.time_ns() // 1_000_000)
"""Numbers of models that no run has registered; their names come behind all others."""
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
    """One kind of request; the numbers of `variables` make its requests differ."""

    name: str
    text: str
    variables: Callable[[int], Mapping[str, Any]] = lambda _: {}
    table: str = LINKED_FIRST
    """Where it is asked on DynamoDB."""
    writes: bool = False

    def body(self, number: int) -> bytes:
        """The JSON of one request."""
        return orjson.dumps({"query": self.text, "variables": self.variables(number)})


def registering(size: Size) -> Callable[[int], Mapping[str, Any]]:
    """Variables of models that nobody has registered, with links that resolve."""

    def variables(number: int) -> Mapping[str, Any]:
        links = {
            "datasets": [{"name": name_of(DATASET, number * STRIDE % size.datasets)}],
            "codes": [{"name": name_of(CODE, number * STRIDE % size.codes)}],
        }
        return {"input": {**described(MODEL, next(_new)), **links, "rating": rating(number)}}

    return variables


def compared(size: Size = SIZE) -> tuple[Query, ...]:
    """What is asked of the registry and of those it is compared with."""
    popular = min(POPULAR, size.datasets)
    return (
        Query("page", PAGE),
        Query("page-late", PAGE, table=LINKED_LATE),
        Query("by-id", BY_ID, lambda n: {"id": id_of(MODEL, n * STRIDE % size.models)}),
        Query("by-name", BY_NAME, lambda n: {"name": name_of(DATASET, n % popular)}),
        Query("nested", NESTED),
        Query("register", REGISTER, registering(size), writes=True),
    )
