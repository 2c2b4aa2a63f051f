import asyncio
import time

import deploy
from django.http import HttpResponse
from django.test import SimpleTestCase
from django.urls import path

from pytest_amplifybackend import FakeAmplifyBackend, fake_amplifybackend


def view(request):
    return HttpResponse(deploy.deploy("d1"))


urlpatterns = [path("deploy", view)]


class TestView(SimpleTestCase):
    def test_a_view(self):
        with FakeAmplifyBackend():
            assert self.client.get("/deploy").content == b"COMPLETED"


@fake_amplifybackend(time=True)
class TestSleep(SimpleTestCase):
    def test_sleep(self):
        began = self.amplifybackend.clock.now()
        time.sleep(600)
        assert (self.amplifybackend.clock.now() - began).seconds == 600


class TestSleepOfACoroutine(SimpleTestCase):
    @fake_amplifybackend(time=True)  # Django runs it in a thread of its own
    async def test_sleep(self, amplifybackend):
        began = amplifybackend.clock.now()
        await asyncio.sleep(600)
        assert (amplifybackend.clock.now() - began).seconds == 600


def test_its_fixture(amplifybackend, client):
    assert client.get("/deploy").content == b"COMPLETED"
