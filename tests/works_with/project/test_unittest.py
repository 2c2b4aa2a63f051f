import unittest

import deploy

from pytest_amplifybackend import FakeAmplifyBackend


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
