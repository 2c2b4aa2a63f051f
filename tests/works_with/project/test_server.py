import json
import subprocess
import sys

CALL = (
    "import boto3, json; print(json.dumps(boto3.client('amplifybackend').get_backend(AppId='d1')))"
)


def test_another_process(amplifybackend_server):
    amplifybackend_server.fake.add_app("d1", name="shop")
    done = subprocess.check_output([sys.executable, "-c", CALL], env=amplifybackend_server.env)
    assert json.loads(done)["AppName"] == "shop"
