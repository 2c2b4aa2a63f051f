import boto3
import pytest
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


@pytest.mark.parametrize("transport", ["stubber", "wire"])
def test_a_span_for_a_call(amplifybackend_factory, transport):
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    BotocoreInstrumentor().instrument(tracer_provider=provider)
    try:
        with amplifybackend_factory(transport=transport) as fake:
            fake.add_app("d1")
            client = boto3.client("amplifybackend", region_name="us-east-1")
            client.get_backend(AppId="d1")
    finally:
        BotocoreInstrumentor().uninstrument()
    assert [span.attributes["rpc.method"] for span in exporter.get_finished_spans()] == [
        "GetBackend"
    ]
