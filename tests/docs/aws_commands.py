"""Parses commands of the AWS CLI by botocore's service models, which the CLI is made from."""

import json
import re
from functools import cache
from typing import Any

import botocore.session
import jmespath  # type: ignore[import-untyped] # boto3 brings it, without types
from botocore import xform_name
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

CUSTOM_COMMANDS = {
    ("cloudformation", "deploy"): {
        "template-file": 1,
        "stack-name": 1,
        "capabilities": 1,
        "parameter-overrides": 99,
        "tags": 99,
    },
    ("ecr", "get-login-password"): dict[str, int](),
    ("logs", "tail"): {"log-stream-names": 1, "since": 1},
}
"""Commands that are no API operations: the options that the pages use, with their values."""
_TOKEN = re.compile(r"[^=,{}\[\]]+")


def check_command(words: list[str]) -> None:
    """Check that an operation exists and takes the options with the types of their values.

    Raises:
        ValueError: if not.
    """
    _, service, operation, *rest = words
    if (service, operation) in CUSTOM_COMMANDS:
        _check_custom(CUSTOM_COMMANDS[service, operation], rest)
        return
    model = _load_model(service)
    if operation == "wait":
        operation, rest = _waited_operation(service, rest[0]), rest[1:]
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        raise ValueError(f"{service} has no operation {operation}")
    shape: Any = model.operation_model(names[operation]).input_shape
    parameters = _read_parameters(shape, rest)
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        raise ValueError(report.generate_report())


@cache
def _load_model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def _waited_operation(service: str, waiter: str) -> str:
    waiters = botocore.session.get_session().get_waiter_model(service)
    (name,) = (each for each in waiters.waiter_names if xform_name(each, "-") == waiter)
    return xform_name(waiters.get_waiter(name).operation, "-")


def _split_options(words: list[str]) -> list[tuple[str, list[str]]]:
    options: list[tuple[str, list[str]]] = []
    for word in words:
        if word.startswith("--"):
            options.append((word.removeprefix("--"), []))
        elif options:
            options[-1][1].append(word)
    return options


def _check_custom(known: dict[str, int], words: list[str]) -> None:
    for name, values in _split_options(words):
        if name not in known or not 1 <= len(values) <= known[name]:
            raise ValueError(f"--{name} is no option, or has a wrong number of values")


def _read_parameters(shape: Any, words: list[str]) -> dict[str, Any]:
    members = {xform_name(name, "-"): name for name in shape.members}
    parameters: dict[str, Any] = {}
    for name, values in _split_options(words):
        if name == "query":
            jmespath.compile(*values)
        elif name == "output":
            if values != ["text"]:
                raise ValueError("--output is not text")
        elif name.removeprefix("no-") in members:
            member = members[name.removeprefix("no-")]
            parameters[member] = _read_value(shape.members[member], values)
        else:
            raise ValueError(f"--{name} is no option")
    return parameters


def _read_value(shape: Any, words: list[str]) -> Any:
    if shape.type_name == "boolean":
        if words:
            raise ValueError(f"{words} is given to a flag")
        return True
    if shape.type_name == "list":
        if words[0].startswith("["):
            return json.loads(" ".join(words))
        return [_read_value(shape.member, [word]) for word in words]
    if len(words) != 1:
        raise ValueError(f"{words} are not one value")
    (word,) = words
    if shape.type_name in ("structure", "map"):
        return json.loads(word) if word.startswith("{") else _convert(shape, _Shorthand(word))
    return int(word) if shape.type_name in ("integer", "long") else _number_or_text(shape, word)


def _number_or_text(shape: Any, word: str) -> Any:
    if getattr(shape, "enum", None) and word not in shape.enum:
        raise ValueError(f"{word} is none of {shape.enum}")
    return float(word) if shape.type_name in ("double", "float") else word


def _convert(shape: Any, shorthand: "_Shorthand") -> Any:
    return _to_shape(shape, shorthand.read_members(""))


def _to_shape(shape: Any, value: Any) -> Any:
    if shape.type_name == "structure" and isinstance(value, dict):
        unknown = value.keys() - shape.members.keys()
        if unknown:
            raise ValueError(f"{unknown} are no members")
        return {name: _to_shape(shape.members[name], each) for name, each in value.items()}
    if shape.type_name == "boolean":
        return {"true": True, "false": False}[value]
    if isinstance(value, list):
        return [_number_or_text(shape.member, each) for each in value]
    return _number_or_text(shape, value)


class _Shorthand:
    """Reads the CLI's shorthand, such as `a=1,b=[2,3],c={d=4}`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def read_members(self, end: str) -> dict[str, Any]:
        """Read members up to a closing brace, or to the end of the text."""
        members: dict[str, Any] = {}
        while self._text[self._at : self._at + 1] != end:
            name = self._read_token()
            self._skip("=")
            members[name] = self._read()
            if self._text[self._at : self._at + 1] == ",":
                self._at += 1
        return members

    def _read(self) -> Any:
        opening = self._text[self._at : self._at + 1]
        if opening == "{":
            self._skip("{")
            members = self.read_members("}")
            self._skip("}")
            return members
        if opening == "[":
            self._skip("[")
            end = self._text.index("]", self._at)
            items = self._text[self._at : end].split(",")
            self._at = end + 1
            return items
        return self._read_token()

    def _read_token(self) -> str:
        match = _TOKEN.match(self._text, self._at)
        if match is None:
            raise ValueError(f"{self._text} is no shorthand")
        self._at = match.end()
        return match[0]

    def _skip(self, character: str) -> None:
        if self._text[self._at : self._at + 1] != character:
            raise ValueError(f"{self._text}: {character} is missing")
        self._at += 1
