import json

import deploy
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver

logger, tracer = Logger(service="deploy"), Tracer(service="deploy", disabled=True)
api = APIGatewayRestResolver()


@api.post("/deploy")
@tracer.capture_method
def post():
    logger.info("deploying")
    return {"status": deploy.deploy("d1")}


EVENT = {"path": "/deploy", "httpMethod": "POST", "requestContext": {"stage": "prod"}}


def test_a_handler(amplifybackend):
    answer = api.resolve(EVENT, None)
    assert json.loads(answer["body"]) == {"status": "COMPLETED"}
    amplifybackend.assert_called("CreateBackend", times=1)
