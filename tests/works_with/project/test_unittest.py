import time
import unittest

import deploy

from pytest_amplifybackend import FakeAmplifyBackend, fake_amplifybackend


class TestDeploy(unittest.TestCase):
    def setUp(self):
        self.fake = FakeAmplifyBackend()
        self.fake.activate()
        self.addCleanup(self.fake.deactivate)

    def test_deploy(self):
        for app in ("d1", "d2"):
            with self.subTest(app=app):
                self.assertEqual(deploy.deploy(app), "COMPLETED")
        self.fake.assert_called("CreateBackend", times=2)


@fake_amplifybackend(jobs="after_seconds:600", time=True)
class TestSlowJob(unittest.TestCase):
    def test_sleep(self):
        client = self.amplifybackend.client()
        client.create_backend(AppId="d1", AppName="shop", BackendEnvironmentName="dev")
        began = time.perf_counter()
        time.sleep(600)
        self.assertEqual(self.amplifybackend.jobs[-1].status, "COMPLETED")
        self.assertLess(time.perf_counter() - began, 60)
