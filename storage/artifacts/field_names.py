"""Suggests the field that the author of an input probably meant by an unknown one."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel


def suggest_field(model: type[BaseModel], path: Sequence[object]) -> str | None:
    """Return the field with the most similar name beside the unknown one at `path`."""
    *parents, name = [part for part in path if not isinstance(part, int)]
    for parent in parents:
        inner = next(_find_models(_fields(model).get(str(parent))), None)
        if inner is None:
            return None
        model = inner
    names = {each.lower().replace("_", ""): each for each in _fields(model)}
    wanted = str(name).lower().replace("_", "")
    return next((names[each] for each in get_close_matches(wanted, names, n=1)), None)


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    """Return the types of a model's fields by the names that inputs have."""
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _find_models(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models in a type such as `list[Model] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _find_models(argument)
