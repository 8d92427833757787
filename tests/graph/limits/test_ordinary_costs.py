"""Ordinary requests of clients cost less than a quarter of the maximum."""

import json
from typing import Any

import pytest

from graph.settings import Settings
from tests.docs.blocks import PAGES, Placeholders, read_blocks
from tests.docs.test_queries import find_queries
from tests.graph.clients import Client, model

pytestmark = pytest.mark.anyio

MAXIMUM = Settings().max_query_cost
LINK = "{ __typename id name url }"

CATALOGUE = f"""
query Catalogue(
  $search: String, $filter: ModelFilter, $orderBy: ModelOrder, $first: Int = 24, $after: String
) {{
  models(search: $search, filter: $filter, orderBy: $orderBy, first: $first, after: $after) {{
    nodes {{
      __typename id name description license tags url updatedAt createdBy {{ name }}
      rating {{ netScore }} dataset {LINK} code {LINK} baseModel {LINK}
    }}
    totalCount
    facets(by: [{{ field: TAG }}, {{ field: LICENSE }}, {{ field: CREATED_BY }}]) {{
      field values {{ value count }}
    }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
MODEL = f"""
query Model($id: ID!) {{
  model(by: {{ id: $id }}) {{
    __typename id name url downloadUrl description license tags properties {{ key value }}
    version createdAt createdBy {{ name }} updatedAt updatedBy {{ name }}
    rating {{
      netScore rampUpTime busFactor performanceClaims license datasetQuality codeQuality
      sizeScore {{ raspberryPi jetsonNano desktopPc awsServer }} ratedAt ratedBy {{ name }}
    }}
    references {{
      id kind role state targetId targetName targetUrl artifact {LINK} changedSince
    }}
    derivedModels(first: 20) {{ nodes {LINK} totalCount }}
    history(first: 20) {{
      nodes {{ id kind at by {{ name }} version fields {{ field before after }} }}
      pageInfo {{ endCursor hasNextPage }}
    }}
    lineage(direction: BOTH, depth: 3) {{
      complete nodes {{ artifact {LINK} upstreamDistance downstreamDistance }}
      edges {{ kind role upstreamId downstreamId }}
    }}
    provenance {{
      allResolved artifactCount complete lowestNetScore
      licenses {{ license artifacts {{ id }} }}
    }}
  }}
}}
"""
RELAY_PAGE = """
query ModelListPaginationQuery($count: Int = 24, $cursor: String, $search: String) {
  ...ModelList_query
}
fragment ModelList_query on Query {
  models(first: $count, after: $cursor, search: $search) {
    edges { node { id ...ModelCard_model __typename } cursor }
    pageInfo { endCursor hasNextPage }
    totalCount
  }
}
fragment ModelCard_model on Model {
  name tags ...Rating_model dataset { id ...Link_artifact } code { id ...Link_artifact }
}
fragment Rating_model on Model { rating { netScore } }
fragment Link_artifact on Artifact { __isArtifact: __typename id name url }
"""
RELAY_NODE = """
query HistoryPaginationQuery($count: Int = 20, $cursor: String, $id: ID!) {
  node(id: $id) { __typename ...History_artifact id }
}
fragment History_artifact on Artifact {
  __isArtifact: __typename
  history(first: $count, after: $cursor) {
    edges { node { id kind at fields { field before after } __typename } cursor }
    pageInfo { endCursor hasNextPage }
  }
  id
}
"""
DATASETS = """
query Datasets($search: String) {
  datasets(search: $search, first: 24) {
    nodes { id name tags license models(first: 3) { totalCount nodes { id name } } }
  }
}
"""
SEARCH = {"search": "bert large", "first": 24}
FILTER = {"tags": {"any": ["a", "b"]}, "netScore": {"atLeast": 0.5}, "license": {"in": ["mit"]}}


async def cost(client: Client, query: str, /, **variables: object) -> int:
    """Return the price of a request without errors."""
    content = await client.send(query, **variables)
    assert "errors" not in content, content["errors"]
    price: int = content["extensions"]["cost"]["requested"]
    return price


async def test_pages_of_a_catalogue_cost_less_than_a_quarter(client: Client) -> None:
    (id_,) = await client.register(model())
    order = {"field": "NET_SCORE", "direction": "DESC"}
    costs = {
        "catalogue": await cost(client, CATALOGUE, **SEARCH, filter=FILTER, orderBy=order),
        "model": await cost(client, MODEL, id=id_),
        "datasets": await cost(client, DATASETS, search="books"),
        "page of Relay": await cost(client, RELAY_PAGE, search="bert large"),
        "node of Relay": await cost(client, RELAY_NODE, id=id_),
    }

    assert max(costs.values()) < MAXIMUM / 4, costs


async def test_documents_of_the_documentation_cost_less_than_a_quarter(client: Client) -> None:
    placeholders = Placeholders()
    for page in PAGES:
        for query, variables, following in find_queries(read_blocks(page)):
            if following.language == "json" and "QUERY_TOO_COMPLEX" in following.text:
                continue
            body: dict[str, Any] = {
                "query": placeholders.substitute(query.text),
                "variables": json.loads(placeholders.substitute(variables)),
            }
            content = (await client.http.post("/graphql", json=body)).json()
            assert content["extensions"]["cost"]["requested"] < MAXIMUM / 4, query.text
