"""A registry of the size and mess of a real one, made by rules, and what becomes of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

MODELS, DATASETS, CODES = 900, 1_600, 130


@dataclass(slots=True)
class Expected:
    """Figures that are counted while the lines are made, not by the registry."""

    registered: int = 0
    duplicates: int = 0
    unreadable: int = 0
    invalid: int = 0
    references: dict[str, int] = field(default_factory=dict)
    resolved: dict[str, int] = field(default_factory=dict)


def messy_lines(scale: int = 1) -> tuple[list[bytes], Expected]:
    """Models first, then datasets and code; one in seven lines twice, some of no use."""
    models, datasets, codes = MODELS // scale, DATASETS // scale, CODES // scale
    made = [
        *(_model(at, models, datasets, codes) for at in range(models)),
        *({"type": "dataset", **_artifact("dataset", f"Set {at}")} for at in range(datasets)),
        *({"type": "code", **_artifact("code", f"Code {at}")} for at in range(codes)),
    ]
    expected = Expected(registered=len(made))
    for line in made:
        for kind in ("datasets", "codes", "baseModels"):
            for asked in line.get(kind, ()):
                _count(
                    expected,
                    kind,
                    asked,
                    {"datasets": datasets, "codes": codes}.get(kind, models),
                )
    return list(_with_mess(made, expected)), expected


def _artifact(of: str, name: str) -> dict[str, Any]:
    return {"name": name, "url": f"https://example.org/{of}/{name.replace(' ', '-')}"}


def _model(at: int, models: int, datasets: int, codes: int) -> dict[str, Any]:
    """Up to 80 datasets, in any case, a quarter of them unknown; every third has a base."""
    count = 80 if at % 97 == 0 else at % 11
    names = (f"set {(at * 31 + n * 7) % (datasets * 4 // 3)}" for n in range(count))
    line: dict[str, Any] = {
        "type": "model",
        **_artifact("model", f"Model {at}"),
        "datasets": [{"name": n.upper() if at % 2 else f" {n} "} for n in names],
    }
    if at % 3 == 0:
        line["baseModels"] = [{"name": f"MODEL {(at * 13) % (models * 2)}"}]
    if at % 4 == 0:
        line["codes"] = [{"url": _artifact("code", f"Code {at % (codes * 5 // 4)}")["url"]}]
    return line


def _count(expected: Expected, kind: str, asked: dict[str, str], there: int) -> None:
    (value,) = asked.values()
    number = int(value.strip().replace("-", " ").rsplit(" ", 1)[1])
    expected.references[kind] = expected.references.get(kind, 0) + 1
    expected.resolved[kind] = expected.resolved.get(kind, 0) + (number < there)


def _with_mess(made: list[dict[str, Any]], expected: Expected) -> Iterator[bytes]:
    for at, line in enumerate(made):
        yield orjson.dumps(line) + b"\n"
        if at % 7 == 0:
            yield orjson.dumps({**line, "name": f"again {at}"}) + b"\r\n"
            expected.duplicates += 1
        if at % 500 == 0:
            yield b"\n"
            yield b'{"type": "model", "url": \n'
            yield b"\xff\xfe\n"
            yield b'["not", "an", "object"]\n'
            yield b'{"type": "paper", "url": "https://example.org/x"}\n'
            expected.unreadable += 4
            yield b'{"type": "model", "url": "relative"}\n'
            expected.invalid += 1
