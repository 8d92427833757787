"""Lines to import that are as many and as faulty as real ones, and the expected results."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

MODELS, DATASETS, CODES = 900, 1_600, 130


@dataclass(slots=True)
class Expected:
    """The expected numbers, counted while the lines are generated."""

    registered: int = 0
    duplicates: int = 0
    unreadable: int = 0
    invalid: int = 0
    references: dict[str, int] = field(default_factory=dict)
    resolved: dict[str, int] = field(default_factory=dict)


def messy_lines(scale: int = 1) -> tuple[list[bytes], Expected]:
    """Models, then datasets and code; every seventh line is repeated, some are invalid."""
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
    return list(_with_faults(made, expected)), expected


def _artifact(artifact_type: str, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "url": f"https://example.org/{artifact_type}/{name.replace(' ', '-')}",
    }


def _model(at: int, models: int, datasets: int, codes: int) -> dict[str, Any]:
    """A model with up to 80 datasets, a quarter unknown; every third has a base model."""
    count = 80 if at % 97 == 0 else at % 11
    numbers = ((at * 31 + n * 7) % (datasets * 4 // 3) for n in range(count))
    names = (f"set {number}" for number in dict.fromkeys(numbers))
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


def _with_faults(made: list[dict[str, Any]], expected: Expected) -> Iterator[bytes]:
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
