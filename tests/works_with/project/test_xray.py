import boto3
import pytest
from aws_xray_sdk.core import patch, xray_recorder
from aws_xray_sdk.core.exceptions.exceptions import SegmentNotFoundException  # noqa: F401

patch(["botocore"])
xray_recorder.configure(sampling=False, context_missing="IGNORE_ERROR")


@pytest.mark.parametrize("transport", ["stubber", "wire"])
def test_a_traced_call(amplifybackend_factory, transport):
    with amplifybackend_factory(transport=transport) as fake:
        fake.add_app("d1")
        segment = xray_recorder.begin_segment("test")
        client = boto3.client("amplifybackend", region_name="us-east-1")
        assert client.get_backend(AppId="d1")["AppName"] == "d1"
        assert [one.name for one in segment.subsegments] == ["amplifybackend"]
        xray_recorder.clear_trace_entities()
