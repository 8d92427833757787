"""The template refuses values of parameters that cannot work, before it creates anything."""

import re

import pytest

from tests.deploy.template import Stack

ECR = "111122223333.dkr.ecr.us-east-2.amazonaws.com"
SECRET = "arn:aws:secretsmanager:us-east-2:111122223333:secret:registry/tokens"
DIGEST = f"sha256:{'0123456789abcdef' * 4}"


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("Proxies", "10.0.1.0/24"),
        ("Proxies", "10.0.0.0/16,172.31.16.0/20"),
        ("AlarmTopic", "arn:aws:sns:us-east-2:111122223333:alarms"),
        ("TokensSecret", ""),
        ("TokensSecret", f"{SECRET}-a1b2c3"),
        ("Clients", "0.0.0.0/0"),
        ("ClientsPrefixList", ""),
        ("ClientsPrefixList", "pl-0123456789abcdef0"),
        ("Image", f"{ECR}/registry@{DIGEST}"),
        ("Image", f"{ECR}/registry:0.1.0@{DIGEST}"),
        ("Image", f"{ECR}/team/registry:v0.1.0-rc.1"),
    ],
)
def test_values_that_work_are_accepted(parameter: str, value: str) -> None:
    assert is_accepted(parameter, value)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("Proxies", ""),
        ("Proxies", "*"),
        ("Proxies", "127.0.0.1"),
        ("Proxies", "127.0.0.0/16"),
        ("Proxies", "10.0.0.0/16,0.0.0.0/0"),
        ("Proxies", "10.0.1.0/24 10.0.2.0/24"),
        ("AlarmTopic", "alarms"),
        ("TokensSecret", "registry/tokens"),
        ("TokensSecret", f"{SECRET}-a1b2c3:tokens::"),
        ("Clients", "10.0.0.0/8,192.0.2.0/24"),
        ("ClientsPrefixList", "10.0.0.0/8"),
        ("Image", ""),
        ("Image", f"{ECR}/registry"),
        ("Image", f"{ECR}/registry:latest"),
        ("Image", f"{ECR}/registry:main"),
        ("Image", f"{ECR}/registry@sha256:1234"),
        ("Image", f"{ECR}:443/registry"),
    ],
)
def test_values_that_cannot_work_are_refused(parameter: str, value: str) -> None:
    assert not is_accepted(parameter, value)


def test_the_networks_of_the_load_balancer_have_no_default() -> None:
    assert "Default" not in Stack().template["Parameters"]["Proxies"]


def is_accepted(parameter: str, value: str) -> bool:
    """Return whether a value matches the whole pattern of a parameter."""
    pattern = Stack().template["Parameters"][parameter]["AllowedPattern"]
    return re.fullmatch(pattern, value) is not None
