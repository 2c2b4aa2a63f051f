import boto3
import pytest
import sentry_sdk
from sentry_sdk.integrations.boto3 import Boto3Integration

SENT = []
sentry_sdk.init(
    dsn="https://any@sentry.invalid/1",
    integrations=[Boto3Integration()],
    traces_sample_rate=1.0,
    before_send_transaction=lambda event, hint: SENT.append(event),
)


@pytest.mark.parametrize("transport", ["stubber", "wire"])
def test_a_transaction(amplifybackend_factory, transport):
    with amplifybackend_factory(transport=transport) as fake:
        fake.add_app("d1")
        client = boto3.client("amplifybackend", region_name="us-east-1")
        with sentry_sdk.start_transaction(name="deploy"):
            assert client.get_backend(AppId="d1")["AppName"] == "d1"
    assert SENT.pop()["transaction"] == "deploy"
