"""Random GraphQL documents for a schema with every kind of type, and values for its fields."""

# ruff: noqa: S311 - the same seed gives the same values

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

from graphql import (
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_enum_type,
    is_list_type,
)
from hypothesis import strategies as st

from graph.engine.deferred import Deferred

_FIELDS = """
  text: String  requiredText: String!  number: Int  flag: Boolean!  id: ID  color: Color
  texts: [String!]  grid: [[Int]!]!  echo(x: Int = 3, colors: [Color!]): Int!
  self: {0}  requiredSelf: {0}!  dogs: [Dog!]!  cats: [Cat]
  pet: Pet  requiredPet: Pet!  pets: [Pet]  any: Any  anys: [Any!]
"""
SDL = f"""
enum Color {{ RED GREEN }}
union Any = Dog | Cat
interface Pet {{ {_FIELDS.format("Pet")} }}
type Dog implements Pet {{ {_FIELDS.format("Dog")} bone: String! }}
type Cat implements Pet {{ {_FIELDS.format("Cat")} mouse: Dog! }}
type Query {{ {_FIELDS.format("Dog")} }}
type Mutation {{ {_FIELDS.format("Cat")} }}
"""
_TYPES = ["Query", "Dog", "Cat", "Pet", "Any"]
VARIABLES = "$yes: Boolean! = true, $no: Boolean! = false, $x: Int"
Wrap = Callable[[Any, Random], Any]
"""Returns a value, or something that has to be waited for and results in it."""


def create_schema(sdl: str) -> GraphQLSchema:
    """Return an executable schema; the context of its executions is (seed, wrap)."""
    schema = build_schema(sdl)
    for object_type in ("Query", "Mutation", "Dog", "Cat"):
        for field in schema.type_map[object_type].fields.values():  # type: ignore[attr-defined]
            field.resolve = _resolve
    for name in ("Pet", "Any"):
        schema.type_map[name].resolve_type = _resolve_type  # type: ignore[attr-defined]
    schema.type_map["Dog"].is_type_of = _is_type_of  # type: ignore[attr-defined]
    return schema


def _resolve(_: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    seed, wrap = info.context
    random = Random(f"{seed} {info.path.as_list()} {arguments}")
    return _create_value(info.return_type, random, wrap, is_item=False)


def _create_value(field_type: Any, random: Random, wrap: Wrap, *, is_item: bool) -> Any:
    nullable: Any = get_nullable_type(field_type)
    chance = random.random()
    if chance < 0.02 and not is_item:
        raise ValueError(f"raised {random.random()}")
    if chance < 0.04:
        return wrap(ValueError(f"returned {random.random()}"), _fork(random))
    if chance < 0.1:
        return wrap(None, _fork(random))
    if not is_list_type(nullable):
        return wrap(_create_single(nullable, random), _fork(random))
    items = [
        _create_value(nullable.of_type, random, wrap, is_item=True)
        for _ in range(random.randrange(4))
    ]
    return wrap(_LISTS[random.randrange(3)](items), _fork(random))


def _fork(random: Random) -> Random:
    """Return a generator of its own, so that what is waited for changes no other value."""
    return Random(random.random())


def _create_single(named_type: Any, random: Random) -> Any:
    if is_composite_type(named_type):
        names = ["Dog", "Cat"] if is_abstract_type(named_type) else [named_type.name]
        return {"type": random.choice(names), "seed": random.random()}
    if is_enum_type(named_type):
        return random.choice(["RED", "GREEN", "BLUE"])
    values: dict[str, list[Any]] = {
        "Int": [1, 2**31, True, "x", 4.0],
        "Boolean": [True, False, 1],
        "String": ["a", 1, True, [1]],
        "ID": ["a", 5, 5.5],
    }
    return random.choice(values[named_type.name])


def _resolve_type(value: Any, info: GraphQLResolveInfo[Any], _: object) -> Any:
    random = Random(value["seed"])
    chance = random.random()
    if chance < 0.03:
        raise ValueError("no type")
    name = random.choice(["Pet", "Nothing", 5, None]) if chance < 0.06 else value["type"]
    return _wait_or_not(info, name, random)


def _is_type_of(value: Any, info: GraphQLResolveInfo[Any]) -> Any:
    random = Random(value["seed"] + 1)
    return _wait_or_not(info, random.random() > 0.05, random)


def _wait_or_not(info: GraphQLResolveInfo[Any], value: Any, random: Random) -> Any:
    wrapped = info.context[1](value, random)
    return value if isinstance(wrapped, Deferred) else wrapped


def keep(value: Any, _: Random) -> Any:
    """Return the value itself."""
    return value


def defer(value: Any, random: Random) -> Any:
    """Return the value, or a deferred value."""
    if random.random() < 0.5:
        return value
    future = asyncio.get_running_loop().create_future()
    deferred = Deferred[Any](future, lambda _: value)
    if random.random() < 0.3:
        future.set_result(None)
    else:
        asyncio.get_running_loop().call_soon(future.set_result, None)
    if random.random() < 0.2 and not isinstance(value, Exception):
        return deferred.map(lambda found: defer(found, random))
    return deferred


def wait(value: Any, random: Random) -> Any:
    """Return the value, a deferred value, or a coroutine."""
    if random.random() < 0.5:
        return defer(value, random)

    async def answer() -> Any:
        for _ in range(random.randrange(3)):
            await asyncio.sleep(0)
        if isinstance(value, Exception):
            raise value
        return value

    return answer()


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Return a document with an operation, which may be a mutation, and fragments."""
    schema = _SCHEMA
    kind = draw(st.sampled_from(["query", "query", "mutation"]))
    operation = _draw_selections(draw, schema, kind.capitalize(), 3, 0)
    fragments = [
        f"fragment {type_name}{number} on {type_name} "
        + _draw_selections(draw, schema, type_name, 1, number + 1)
        for number in range(2)
        for type_name in _TYPES
    ]
    return "\n".join([f"{kind}({VARIABLES}) {operation}", *fragments])


def _draw_selections(
    draw: st.DrawFn, schema: GraphQLSchema, type_name: str, depth: int, first_fragment: int
) -> str:
    selections = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.integers(0, 9))
        directive = draw(st.sampled_from(_DIRECTIVES))
        if kind == 0 and depth:
            name = draw(st.sampled_from([type_name, *_TYPES]))
            inner = _draw_selections(draw, schema, name, depth - 1, first_fragment)
            selections.append(f"... on {name} {directive} {inner}")
        elif kind == 1 and first_fragment < 2:
            name = draw(st.sampled_from([type_name, *_TYPES]))
            selections.append(f"...{name}{draw(st.integers(first_fragment, 1))} {directive}")
        else:
            selections.append(
                _draw_field(draw, schema, type_name, depth, first_fragment) % directive
            )
    return "{ " + " ".join(selections) + " }"


def _draw_field(
    draw: st.DrawFn, schema: GraphQLSchema, type_name: str, depth: int, first_fragment: int
) -> str:
    object_type: Any = schema.type_map[type_name]
    fields = getattr(object_type, "fields", {})
    leaves = [n for n, f in fields.items() if not is_composite_type(get_named_type(f.type))]
    name = draw(st.sampled_from([*(fields if depth else leaves), "__typename"]))
    alias = draw(st.sampled_from(["", "", "", "a: ", "b: "]))
    arguments = draw(st.sampled_from(_ARGUMENTS)) if name == "echo" else ""
    inner = ""
    if name in fields and name not in leaves:
        below = get_named_type(fields[name].type).name
        inner = _draw_selections(draw, schema, below, depth - 1, first_fragment)
    return f"{alias}{name}{arguments} %s {inner}"


_LISTS: list[Callable[[list[Any]], Any]] = [list, tuple, iter]
_DIRECTIVES = [*[""] * 6, "@skip(if: $yes)", "@skip(if: $no)", "@include(if: false)"]
_ARGUMENTS = [
    "",
    "(x: 1)",
    "(x: $x)",
    "(colors: [RED, GREEN])",
    '(x: "wrong")',
    "(colors: RED)",
]
_SCHEMA = create_schema(SDL)
