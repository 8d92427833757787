"""The template gives least privilege, keeps secrets out of variables, and tasks private."""

from typing import Any

import pytest

from tests.deploy.template import Stack


@pytest.mark.parametrize("role", ["TaskRole", "CommandsRole", "ExecutionRole"])
def test_only_tasks_of_this_account_can_assume_the_roles(role: str) -> None:
    (statement,) = Stack().properties(role)["AssumeRolePolicyDocument"]["Statement"]

    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
    }


def test_tokens_come_from_a_secret_that_ecs_can_read() -> None:
    stack = Stack(TokensSecret="arn:of-the-secret")

    (container,) = stack.properties("TaskDefinition")["ContainerDefinitions"]
    start, policy = stack.properties("ExecutionRole")["Policies"]
    (without,) = Stack().properties("TaskDefinition")["ContainerDefinitions"]
    assert container["Secrets"] == [{"Name": "AUTH_TOKENS", "ValueFrom": "arn:of-the-secret"}]
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": "arn:of-the-secret",
        }
    ]
    assert without["Secrets"] == []
    assert Stack().properties("ExecutionRole")["Policies"] == [start]


def test_tasks_are_private_and_the_load_balancer_accepts_tls_only() -> None:
    stack = Stack(Clients="10.0.0.0/8")
    network = stack.properties("Service")["NetworkConfiguration"]["AwsvpcConfiguration"]
    (task_ingress,) = stack.properties("TaskSecurityGroup")["SecurityGroupIngress"]
    (action,) = stack.properties("RedirectListener")["DefaultActions"]

    assert network["AssignPublicIp"] == "DISABLED"
    assert task_ingress["SourceSecurityGroupId"] == "LoadBalancerSecurityGroup"
    assert stack.properties("Listener")["Protocol"] == "HTTPS"
    assert action == {
        "Type": "redirect",
        "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
    }
    for rule in stack.properties("LoadBalancerSecurityGroup")["SecurityGroupIngress"]:
        assert rule["CidrIp"] == "10.0.0.0/8"


def test_the_load_balancer_connects_to_port_8000_of_tasks_only() -> None:
    stack = Stack()
    (inline,) = stack.properties("LoadBalancerSecurityGroup")["SecurityGroupEgress"]
    rule = stack.properties("LoadBalancerEgress")

    assert inline["CidrIp"] == "127.0.0.1/32"  # without any rule, AWS allows everything
    assert rule["GroupId"] == "LoadBalancerSecurityGroup"
    assert rule["DestinationSecurityGroupId"] == "TaskSecurityGroup"
    assert (rule["FromPort"], rule["ToPort"]) == (8000, 8000)
    assert "LoadBalancerEgress" in stack.template["Resources"]["Service"]["DependsOn"]


def test_a_prefix_list_of_clients_replaces_their_network() -> None:
    group = Stack(ClientsPrefixList="pl-1").properties("LoadBalancerSecurityGroup")

    rules = group["SecurityGroupIngress"]
    assert [(rule["FromPort"], rule["SourcePrefixListId"]) for rule in rules] == [
        (443, "pl-1"),
        (80, "pl-1"),
    ]
    assert not any("CidrIp" in rule for rule in rules)


@pytest.mark.parametrize("role", ["TaskRole", "CommandsRole", "ExecutionRole"])
def test_only_the_login_to_ecr_is_allowed_for_every_resource(role: str) -> None:
    stack = Stack(TokensSecret="arn:s", KmsKey="arn:k")
    statements = [
        statement
        for policy in stack.properties(role)["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]

    unlimited = {a for s in statements if s["Resource"] == "*" for a in s["Action"]}
    assert unlimited <= {"ecr:GetAuthorizationToken"}
    assert not any("*" in each["Resource"] for each in statements if _is_of_data(each))


def _is_of_data(statement: dict[str, Any]) -> bool:
    action: str = statement["Action"][0]
    return action.startswith(("dynamodb:", "kms:", "secretsmanager:", "logs:"))
