"""Reads the CloudFormation template as one stack of it has it."""

import re
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-2",
    "AWS::AccountId": "111122223333",
    "AWS::NoValue": None,
}


class _Loader(yaml.SafeLoader):
    """Reads `!Ref name` as {"Ref": name}, and the other functions likewise."""


def _function(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.ScalarNode)
    return {name: node.value}


_Loader.add_multi_constructor("!", _function)


class Stack:
    """The resources of the template with some parameters, and defaults for the others."""

    def __init__(self, **parameters: str) -> None:
        text = (DEPLOY / "template.yaml").read_text()
        self.template = yaml.load(text, _Loader)  # noqa: S506 - it makes plain values alone
        defaults = {k: v.get("Default", k) for k, v in self.template["Parameters"].items()}
        self._names = {**PSEUDO, **defaults, **parameters}

    def properties(self, resource: str) -> Any:
        """The properties of a resource; None where it is not made."""
        found = self.template["Resources"][resource]
        if "Condition" in found and not self._holds(found["Condition"]):
            return None
        return self._value(found["Properties"])

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [v for item in value if (v := self._value(item)) is not None]
        if not isinstance(value, dict):
            return value
        ((name, argument), *_) = value.items() or [("", None)]
        if len(value) == 1 and name in _FUNCTIONS:
            return _FUNCTIONS[name](self, argument)
        return {key: self._value(item) for key, item in value.items()}

    def _holds(self, condition: str) -> bool:
        return bool(self._value(self.template["Conditions"][condition]))

    def named(self, name: str) -> Any:
        """What a parameter holds; of a resource, its name in the template."""
        return self._names.get(name, name)


_FUNCTIONS: dict[str, Any] = {
    "Ref": Stack.named,
    "Sub": lambda self, text: re.sub(r"\$\{([^}]+)\}", lambda m: str(self.named(m[1])), text),
    "GetAtt": lambda _, attribute: attribute,
    "If": lambda self, parts: self._value(parts[1 if self._holds(parts[0]) else 2]),
    "Equals": lambda self, parts: self._value(parts[0]) == self._value(parts[1]),
    "Not": lambda self, parts: not self._value(parts[0]),
}
