"""What the benchmarks ask: each request's body, and what tells that its answer is whole."""

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tests.benchmarks.fill import CODE, DATASET, MODEL, described, id_of, name_of, rating

LINKED_FIRST, LINKED_LATE = "benchmark", "benchmark_late"
"""Tables where links had resolved when the models were registered, and where they had not."""
_POPULAR = 25
_SPREAD = 199
"""How many models are asked for in turns."""
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
    writes: bool = False

    def body(self, number: int) -> bytes:
        """The JSON of one request."""
        return orjson.dumps({"query": self.text, "variables": self.variables(number)})


def _registered(number: int) -> dict[str, Any]:
    """A model that nobody has registered, with links that resolve."""
    new = next(_new)
    return {
        "input": {
            **described(MODEL, new),
            "datasets": [{"name": name_of(DATASET, 100 + number % 500)}],
            "codes": [{"name": name_of(CODE, number % 500)}],
            "rating": rating(number),
        }
    }


QUERIES = (
    Query("page", PAGE),
    Query("page-late", PAGE, table=LINKED_LATE),
    Query("by-id", BY_ID, lambda n: {"id": id_of(MODEL, n % _SPREAD)}),
    Query("by-name", BY_NAME, lambda n: {"name": name_of(DATASET, n % _POPULAR)}),
    Query("nested", NESTED),
    Query("register", REGISTER, _registered, writes=True),
)
