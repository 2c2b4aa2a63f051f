import deploy
from django.http import HttpResponse
from django.test import SimpleTestCase
from django.urls import path

from pytest_amplifybackend import FakeAmplifyBackend


def view(request):
    return HttpResponse(deploy.deploy("d1"))


urlpatterns = [path("deploy", view)]


class TestView(SimpleTestCase):
    def test_a_view(self):
        with FakeAmplifyBackend():
            assert self.client.get("/deploy").content == b"COMPLETED"


def test_its_fixture(amplifybackend, client):
    assert client.get("/deploy").content == b"COMPLETED"
