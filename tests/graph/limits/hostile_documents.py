"""Bodies and documents that are hard to read, whatever they ask for."""

from tests.graph.limits.hostile_requests import post


def make_bodies() -> dict[str, bytes]:
    """Return bodies that are not for GraphQL at all, or as JSON cannot be worse."""
    megabyte = 999_000
    query = '{"query": "{ __typename }", "variables": '
    return {
        "a megabyte of brackets": b"[" * megabyte,
        "a megabyte of nested objects": b'{"a":' * (megabyte // 5),
        "a megabyte of numbers": (query + "{" + '"x": [' + "1," * 499_000 + "1]}}").encode(),
        "a megabyte of keys": (
            query + "{" + ",".join(f'"{n}":0' for n in range(100_000)) + "}}"
        ).encode(),
        "a megabyte of escapes": (query + '{"x": "' + "\\u0001" * 160_000 + '"}}').encode(),
        "a megabyte of lists 1000 deep": (
            query + '{"x": [' + ",".join(["[" * 500 + "]" * 500] * 900) + "]}}"
        ).encode(),
    }


def make_documents() -> dict[str, bytes]:
    """Return documents that are hard to parse or to validate."""
    return {
        "100,000 line ends": post("\n" * 95_000 + "{ nothing nothing2 nothing3 }"),
        "comments": post("#\n" * 2_900 + "{ __typename }"),
        "a long string": post('{ artifactExists(id: "' + "x" * 99_000 + '") }'),
        "a long block string": post('{ artifactExists(id: """' + "\n " * 49_000 + '""") }'),
        "480 selections": post("{" + "models { nodes { id } } " * 420 + "}"),
        "overlapping fields": post(
            "{"
            + "".join(
                f"models {{ nodes {{ x: {'name' if n % 2 else 'id'} }} }} " for n in range(300)
            )
            + "}"
        ),
        "fragments of fragments": post(
            "{ ...f0 } "
            + " ".join(
                f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(200)
            )
            + " fragment f200 on Query { __typename }"
        ),
        "many operations": post(
            " ".join(f"query q{n} {{ models {{ totalCount }} }}" for n in range(370))
        ),
        "many variables": post(
            "query (" + " ".join(f"$v{n}: Int = 1" for n in range(490)) + ") { __typename }"
        ),
        "unknown fields": post("{" + " ".join(f"field{n}" for n in range(2_900)) + "}"),
        "deep brackets": post("{ a" * 1_400 + "}" * 1_400),
        "deep lists": post(
            "{ models(filter: " + "[" * 1_400 + "]" * 1_400 + ") { totalCount } }"
        ),
    }
