"""Operations that try to cause much more work than they cost, and the registry they are for."""

import json
from collections.abc import Iterator
from typing import Any

NAMES = 120
"""The number of models, each of which is made of up to 80 of those before it."""
URL = "https://example.org/hostile/"

REGISTER = """
mutation ($inputs: [RegisterArtifactInput!]!) {
  registerArtifacts(inputs: $inputs) {
    results {
      artifact { id ... on Model { baseModels { id name baseModels { id } } } }
      userErrors { code message field }
    }
    userErrors { code message field }
  }
}
"""
REGISTER_ONLY = """
mutation ($inputs: [RegisterArtifactInput!]!) {
  registerArtifacts(inputs: $inputs) {
    results { artifact { id } userErrors { message field } }
  }
}
"""
REGISTER_CODES = """
mutation ($inputs: [RegisterArtifactInput!]!) {
  registerArtifacts(inputs: $inputs) { results { userErrors { code } } }
}
"""


def make_registry() -> Iterator[list[dict[str, Any]]]:
    """Yield the inputs of models with much text and many references, in parts."""
    models = [make_large_model(number) for number in range(NAMES)]
    for start in range(0, NAMES, 5):
        yield models[start : start + 5]


def make_large_model(number: int) -> dict[str, Any]:
    bases = [{"name": f"m{base}"} for base in range(max(0, number - 79), number + 1)]
    return {
        "model": {
            "url": f"{URL}{number}",
            "name": f"m{number}",
            "description": '"\\\n\u0001' * 1_000,
            "tags": [f"{tag:03}" + "\u20ac" * 200 for tag in range(100)],
            "properties": [{"key": f"k{key}", "value": '"' * 1_000} for key in range(32)],
            "baseModels": bases,
        }
    }


def post(query: str, /, **variables: object) -> bytes:
    """Return the body of a request."""
    content = {"query": query, "variables": variables}
    return json.dumps(content, ensure_ascii=False).encode()


def alias(count: int, field: str) -> str:
    """Return a field with many aliases."""
    return " ".join(f"a{number}: {field}" for number in range(count))


def nest(levels: int, field: str, leaf: str) -> str:
    """Return a field nested in itself."""
    return f"{field} {{ " * levels + leaf + " }" * levels


INTROSPECTION = (
    "__schema { types { fields { name description type { name ofType { name } } } } }"
)
FAILING = "lineage(direction: UPSTREAM, first: 0) { complete }"
TEXTS = "id description tags properties { key value }"


def make_queries() -> dict[str, bytes]:
    """Return queries that multiply work or bytes."""
    long_alias = "a" * 90_000
    page = "models(first: 100) { nodes {"
    return {
        "a page of large texts": post(f"{{ {page} {TEXTS} }} }} }}"),
        "one id 100 times": post(
            f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Model {{ {TEXTS} }} }} }}",
            ids=["ID0"] * 100,
        ),
        "texts under many aliases": post(
            "{" + alias(20, 'model(by: {name: "m1"}) { ' + TEXTS + " }") + "}"
        ),
        "a model that names itself": post(
            '{ model(by: {name: "m100"}) { ' + nest(6, "baseModels", "name tags") + " } }"
        ),
        "base models of a page": post(f"{{ {page} {nest(2, 'baseModels', 'id')} }} }} }}"),
        "a long alias": post(f"{{ {page} {long_alias}: id }} }} }}"),
        "aliases as long as they may be": post(
            f"{{ {page} " + "".join(f"a{n:03}{'a' * 250}: id " for n in range(9)) + "} } }"
        ),
        "errors of aliases as long as they may be": post(
            f"{{ {page} " + "".join(f"a{n}{'a' * 250}: {FAILING} " for n in range(8)) + "} } }"
        ),
        "errors after as many lines as there may be": post(
            "\n" * 4_990 + f"{{ {page} {alias(8, FAILING)} }} }} }}"
        ),
        "a long alias of what fails": post(f"{{ {page} {long_alias}: {FAILING} }} }} }}"),
        "2,000 errors": post(f"{{ {page} {alias(20, FAILING)} }} }} }}"),
        "errors with many places": post(f"{{ {page} {(FAILING + ' ') * 200} }} }} }}"),
        "errors with several places": post(f"{{ {page} {(FAILING + ' ') * 25} }} }} }}"),
        "errors after many lines": post(
            "\n" * 90_000 + f"{{ {page} {alias(8, FAILING)} }} }} }}"
        ),
        "counts of patterns": post(
            "{"
            + alias(40, 'artifacts(first: 1, filter: {name: {contains: "zzz"}}) { totalCount }')
            + "}"
        ),
        "names under aliases": post(
            "query ($names: [String!]!) {"
            + alias(50, "models(filter: {name: {in: $names}}) { totalCount }")
            + "}",
            names=[f"m{n}" for n in range(100)],
        ),
        "first as a float": post(
            "query ($f: Int) { models(first: $f) { nodes { derivedModels(first: $f) { nodes {"
            " derivedModels(first: $f) { nodes { id } } } } } } }",
            f=100.0,
        ),
        "search words": post(
            "{" + alias(4, 'models(search: "' + "a€ x " * 5 + '") { totalCount }') + "}"
        ),
        "facets": post(
            "{ models(first: 100) { facets(by: [{field: TAG, first: 100},"
            " {field: LICENSE, first: 100}]) { values { value count } } nodes { tags } } }"
        ),
        "dense lineage": post(
            '{ model(by: {name: "m119"}) {'
            " lineage(direction: UPSTREAM, depth: 100, first: 1000) {"
            " nodes { artifact { id name } } edges { kind } mermaid } } }"
        ),
        "dense lineage under aliases": post(
            '{ model(by: {name: "m119"}) {'
            + alias(5, "lineage(direction: BOTH, depth: 100, first: 400) { complete mermaid }")
            + " } }"
        ),
        "dense provenance": post(
            '{ model(by: {name: "m119"}) { provenance(depth: 100, first: 1000) { complete } } }'
        ),
        "provenance of a page": post(
            "{ models(first: 100) { nodes {"
            " provenance(depth: 100, first: 20) { complete } } } }"
        ),
        "bills of materials": post(
            '{ model(by: {name: "m119"}) {' + alias(4, "mlBom { missing }") + " } }"
        ),
        "paths of a dense graph": post(
            '{ lineagePaths(from: "ID0", to: "ID119", maxLength: 20, first: 100) { complete } }'
        ),
        "introspection": post(
            "{ __schema { types { name description fields { name description args { name"
            " description defaultValue } type { name ofType { name ofType { name } } } }"
            " enumValues { name } possibleTypes { name } } } }"
        ),
        "introspection many times": post("{" + alias(90, INTROSPECTION) + "}"),
        "deep introspection": post(
            "{ __schema { types {" + "fields { type {" * 12 + "name" + "} }" * 12 + "} } }"
        ),
        "typenames": post(f"{{ {page} " + "__typename " * 2_900 + "}}}"),
        "25,000 inputs": post(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["x"] * 25_000
        ),
    }


def make_mutations() -> dict[str, bytes]:
    """Return mutations with as much in them as they may have."""
    references = [{"name": f"r{number}"} for number in range(90)]
    models = [
        {
            "model": {
                "url": f"{URL}many/{n}",
                "datasets": references[:45],
                "codes": references[45:],
            }
        }
        for n in range(100)
    ]
    wrong = [
        {"model": {"url": f"no{n}", "tags": [""] * 90, "codes": [{}] * 90}} for n in range(100)
    ]
    few_wrong = [
        {"model": {"url": f"no{n}", "tags": [""] * 40, "codes": [{}] * 40}} for n in range(100)
    ]
    return {
        "100 models with 90 references": post(REGISTER_ONLY, inputs=models),
        "100 models with 90 references, of which much is selected": post(
            REGISTER, inputs=models
        ),
        "100 models with 180 errors each": post(REGISTER_ONLY, inputs=wrong),
        "100 models with 80 errors each": post(REGISTER_CODES, inputs=few_wrong),
        "25,000 inputs to register": post(REGISTER, inputs=[{"code": {"url": "x"}}] * 25_000),
        "7 large models": post(
            REGISTER_ONLY, inputs=[make_large_model(1_000 + n) for n in range(7)]
        ),
        "a list of lists": post(REGISTER, inputs=[[[[]]]] * 50_000),
        "40 registrations": post(
            "mutation {"
            + alias(
                40,
                'registerCode(input: {url: "https://example.org/c"}) { userErrors { code } }',
            )
            + "}"
        ),
    }
