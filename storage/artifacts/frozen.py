"""A decorator for frozen dataclasses of which a request creates a thousand."""

from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen_dataclass(cls: type[_T]) -> type[_T]:
    """Make a class a frozen dataclass with slots and a fast `__init__`.

    The `__init__` that `dataclass` generates looks up `object.__setattr__` for every field,
    because a frozen object refuses assignments. This one freezes the object afterwards: while
    it runs, the object is of a subclass that accepts them. It takes a third of the time.
    Fields need plain defaults, not factories.
    """
    frozen = dataclass(frozen=True, slots=True)(cls)
    made: Any = frozen
    made.__init__ = _fast_init(made)
    return frozen


def _fast_init(cls: Any) -> Any:  # noqa: ANN401 - a dataclass, and its method
    plain = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    thawed: Any = type(cls.__name__, (cls,), {"__slots__": (), **plain})
    parameters = [f.name for f in fields(cls) if f.init]
    lines = [f"def __init__(self, {', '.join(parameters)}):", "    set_class(self, thawed)"]
    lines += [f"    self.{name} = {name}" for name in parameters]
    lines += ["    self.__class__ = frozen"]
    if hasattr(cls, "__post_init__"):
        lines.append("    self.__post_init__()")
    scope: dict[str, Any] = {
        "set_class": vars(object)["__class__"].__set__,
        "thawed": thawed,
        "frozen": cls,
    }
    exec("\n".join(lines), scope)  # noqa: S102 - of field names alone, as dataclass does
    init = scope["__init__"]
    init.__defaults__ = cls.__init__.__defaults__
    init.__qualname__ = cls.__init__.__qualname__
    return init
