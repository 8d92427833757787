"""Reads the CloudFormation template as a stack with given parameters."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-2",
    "AWS::AccountId": "111122223333",
    "AWS::NoValue": None,
    "AWS::StackName": "registry",
    "AWS::URLSuffix": "amazonaws.com",
}
EVERY_SETTING = {
    "TokensSecret": "arn:aws:secretsmanager:us-east-2:111122223333:secret:tokens",
    "Issuer": "https://login.example.org",
    "Audience": "registry",
    "JwksUrl": "https://login.example.org/keys",
    "RolesClaim": "groups",
    "Roles": "ml-writers=write",
    "RequiredClaims": "tenant=acme",
    "Issuers": (
        '[{"issuer": "https://token.actions.githubusercontent.com", "audience": "registry", '
        '"roles_claim": "repository", "roles": {"acme/training": "write"}, '
        '"required_claims": "repository_owner=acme"}]'
    ),
    "AllowedHosts": "registry.example.org",
    "CorsOrigins": "https://catalogue.example.org,https://other.example.org",
    "RateLimit": "600/minute",
    "MetricsNamespace": "Registry",
    "ExplainRole": "admin",
    "Introspection": "false",
    "Suggestions": "false",
    "QueriesByGet": "false",
    "Explorer": "false",
}
"""Values of the parameters that are settings of the server."""


class _Loader(yaml.SafeLoader):
    """Reads `!Ref name` as {"Ref": name}, and other functions in the same way."""


def _read_function(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.ScalarNode)
    return {name: node.value}


_Loader.add_multi_constructor("!", _read_function)


@cache
def _load_template() -> Any:
    text = (DEPLOY / "template.yaml").read_text()
    return yaml.load(text, _Loader)  # noqa: S506 - it creates plain values only


class Stack:
    """The template's resources with given parameters, and default values for the others."""

    def __init__(self, **parameters: str) -> None:
        self.template = _load_template()
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
        evaluated = {key: self._evaluate(item) for key, item in value.items()}
        return {key: item for key, item in evaluated.items() if item is not None}

    @property
    def resources(self) -> dict[str, Any]:
        """The properties of each resource whose condition is true."""
        names = self.template["Resources"]
        found = {name: self.properties(name) for name in names}
        return {name: each for name, each in found.items() if each is not None}

    def failed_rules(self) -> list[str]:
        """Return the rules that the parameters do not keep."""
        return [
            name
            for name, rule in self.template["Rules"].items()
            if self._evaluate(rule["RuleCondition"])
            and not all(self._evaluate(each["Assert"]) for each in rule["Assertions"])
        ]

    def _substitute(self, argument: Any) -> str:
        text, names = (argument, {}) if isinstance(argument, str) else argument
        values = {name: self._evaluate(value) for name, value in names.items()}
        return re.sub(
            r"\$\{([^}]+)\}",
            lambda m: str(values.get(m[1], self.resolve_reference(m[1]))),
            text,
        )

    def _is_true(self, condition: str) -> bool:
        return bool(self._evaluate(self.template["Conditions"][condition]))

    def resolve_reference(self, name: str) -> Any:
        """Return the value of a parameter, or the logical name of a resource."""
        return self._names.get(name, name)


_FUNCTIONS: dict[str, Any] = {
    "Ref": Stack.resolve_reference,
    "Sub": Stack._substitute,  # noqa: SLF001 - of the class above
    "GetAtt": lambda _, attribute: attribute,
    "If": lambda self, parts: self._evaluate(parts[1 if self._is_true(parts[0]) else 2]),
    "Equals": lambda self, parts: self._evaluate(parts[0]) == self._evaluate(parts[1]),
    "And": lambda self, parts: all(self._evaluate(part) for part in parts),
    "Or": lambda self, parts: any(self._evaluate(part) for part in parts),
    "Condition": Stack._is_true,  # noqa: SLF001 - likewise
    "Not": lambda self, parts: not self._evaluate(parts[0]),
}
