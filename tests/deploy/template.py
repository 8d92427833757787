"""Reads the CloudFormation template as a stack with given parameters."""

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
    """Reads `!Ref name` as {"Ref": name}, and other functions in the same way."""


def _read_function(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.ScalarNode)
    return {name: node.value}


_Loader.add_multi_constructor("!", _read_function)


class Stack:
    """The template's resources with given parameters, and default values for the others."""

    def __init__(self, **parameters: str) -> None:
        text = (DEPLOY / "template.yaml").read_text()
        self.template = yaml.load(text, _Loader)  # noqa: S506 - it creates plain values only
        defaults = {k: v.get("Default", k) for k, v in self.template["Parameters"].items()}
        self._names = {**PSEUDO, **defaults, **parameters}

    def properties(self, resource: str) -> Any:
        """Return a resource's properties, or None if its condition is false."""
        resource_template = self.template["Resources"][resource]
        if "Condition" in resource_template and not self._is_true(
            resource_template["Condition"]
        ):
            return None
        return self._evaluate(resource_template["Properties"])

    def _evaluate(self, value: Any) -> Any:
        if isinstance(value, list):
            return [v for item in value if (v := self._evaluate(item)) is not None]
        if not isinstance(value, dict):
            return value
        ((name, argument), *_) = value.items() or [("", None)]
        if len(value) == 1 and name in _FUNCTIONS:
            return _FUNCTIONS[name](self, argument)
        return {key: self._evaluate(item) for key, item in value.items()}

    def _is_true(self, condition: str) -> bool:
        return bool(self._evaluate(self.template["Conditions"][condition]))

    def resolve_reference(self, name: str) -> Any:
        """Return the value of a parameter, or the logical name of a resource."""
        return self._names.get(name, name)


_FUNCTIONS: dict[str, Any] = {
    "Ref": Stack.resolve_reference,
    "Sub": lambda self, text: re.sub(
        r"\$\{([^}]+)\}", lambda m: str(self.resolve_reference(m[1])), text
    ),
    "GetAtt": lambda _, attribute: attribute,
    "If": lambda self, parts: self._evaluate(parts[1 if self._is_true(parts[0]) else 2]),
    "Equals": lambda self, parts: self._evaluate(parts[0]) == self._evaluate(parts[1]),
    "Not": lambda self, parts: not self._evaluate(parts[0]),
}
