"""Settings from the environment configure the client that calls DynamoDB."""

from pathlib import Path

import pytest

from storage.dynamodb.store import DynamoStore
from storage.errors import StoreSetupError, StoreUnavailableError
from storage.opening import open_store
from storage.settings import StoreSettings, load_settings
from tests.storage.dynamodb.client.certificates import create_authority
from tests.storage.dynamodb.client.fake_dynamo import TABLE, dynamo, error


def read_region(settings: StoreSettings) -> str:
    store = DynamoStore(settings.ddb_table_name, settings.aws_region)
    store.close()
    return store.client.control.meta.region_name


def test_the_region_comes_from_the_first_setting_that_has_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert read_region(load_settings(StoreSettings)) == "us-east-2"

    (tmp_path / "config").write_text("[profile team]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "team")
    assert read_region(load_settings(StoreSettings)) == "eu-west-1"

    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert read_region(load_settings(StoreSettings)) == "eu-central-1"

    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    assert read_region(load_settings(StoreSettings)) == "ap-south-1"


@pytest.mark.parametrize("name", ["AWS_CONNECT_SECONDS", "AWS_READ_SECONDS"])
def test_a_timeout_must_be_positive(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "0")

    with pytest.raises(StoreSetupError, match=f"^{name}: "):
        load_settings(StoreSettings)


def test_a_client_certificate_that_does_not_exist_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_CLIENT_CERT", str(tmp_path / "none.pem"))

    with pytest.raises(StoreSetupError, match=r"^AWS_CLIENT_CERT: "):
        load_settings(StoreSettings)


def test_a_client_certificate_and_a_private_authority_are_used_for_every_call(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = create_authority(tmp_path, "server")
    client = create_authority(tmp_path, "client")
    monkeypatch.setenv("STORE", "dynamodb")
    monkeypatch.setenv("DDB_TABLE_NAME", TABLE)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(server.ca))
    monkeypatch.setenv("AWS_CLIENT_CERT", str(client.certificate))
    monkeypatch.setenv("AWS_CLIENT_KEY", str(client.key))

    with dynamo(server.server_context(clients=client)) as secure:
        secure.handler = error("AccessDeniedException", "Not this table.")
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", secure.url)
        with pytest.raises(StoreUnavailableError):
            open_store(load_settings(StoreSettings))

    ((operation, certificate),) = [
        (r.operation, r.client_certificate["subject"]) for r in secure.requests
    ]
    assert operation == "DescribeTable"
    assert certificate == ((("commonName", "client"),),)
