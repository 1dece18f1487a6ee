"""KUBEBUILDER_ASSETS=$(nekube assets) python -m unittest discover examples/assets, with the package kubernetes."""
import os, unittest

from control_plane import ControlPlane
from kubernetes import client, watch

class ConfigMapTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = ControlPlane(os.environ["KUBEBUILDER_ASSETS"])
        cls.addClassCleanup(cls.plane.stop)
        configuration = client.Configuration(host=cls.plane.url, api_key={"authorization": "Bearer secret"})
        configuration.verify_ssl = False
        cls.core = client.CoreV1Api(client.ApiClient(configuration))

    def test_a_watch_tells_of_what_was_created(self):
        body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="of-python"), data={"key": "value"})
        made = self.core.create_namespaced_config_map("default", body)
        self.assertEqual(made.metadata.managed_fields[0].operation, "Update")
        events = watch.Watch().stream(self.core.list_namespaced_config_map, "default", timeout_seconds=30)
        event = next(events)
        self.assertEqual((event["type"], event["object"].data), ("ADDED", {"key": "value"}))

    def test_what_is_wrong_is_said_as_kubernetes_says_it(self):
        body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="Not_A_Name"))
        with self.assertRaises(client.ApiException) as caught:
            self.core.create_namespaced_config_map("default", body)
        self.assertEqual(caught.exception.status, 422)
        self.assertIn("a lowercase RFC 1123 subdomain must consist of", caught.exception.body)
