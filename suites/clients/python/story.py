"""A program with the Python client: typed and dynamic clients, patches, a watch, errors."""

import json
import threading

from kubernetes import client, config, dynamic, watch
from kubernetes.client.exceptions import ApiException

config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()
namespace = "python"


def refused(code, call, *args, **kwargs):
    """The Status of a call that must fail with a code."""
    try:
        call(*args, **kwargs)
    except ApiException as error:
        assert error.status == code, error
        return json.loads(error.body)
    raise AssertionError(f"it was not refused with {code}")


print("server", client.VersionApi().get_code().git_version)
core.create_namespace({"metadata": {"name": namespace}})

seen = []


def follow():
    for event in watch.Watch().stream(core.list_namespaced_config_map, namespace, label_selector="app=web", timeout_seconds=30):
        seen.append(f"{event['type']} {event['object'].metadata.name}")
        if event["type"] == "DELETED":
            break


follower = threading.Thread(target=follow)
follower.start()

labels = {"app": "web"}
made = core.create_namespaced_config_map(namespace, {"metadata": {"name": "web", "labels": labels}, "data": {"a": "1"}})
assert made.metadata.creation_timestamp.tzinfo is not None
made.data["a"] = "2"
core.replace_namespaced_config_map("web", namespace, made)
conflict = refused(409, core.replace_namespaced_config_map, "web", namespace, made)
assert conflict["reason"] == "Conflict", conflict
print("a stale update is a conflict")

patched = core.patch_namespaced_config_map("web", namespace, {"data": {"a": None, "b": "3"}})
assert patched.data == {"b": "3"}, patched.data
print("a strategic merge patch is applied")

spec = {
    "replicas": 2,
    "selector": {"matchLabels": labels},
    "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "nginx:1.29"}]}},
}
deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}
deployments = dynamic.DynamicClient(client.ApiClient()).resources.get(api_version="apps/v1", kind="Deployment")
applied = deployments.server_side_apply(namespace=namespace, body=deployment, field_manager="one")
assert applied.spec.strategy.type == "RollingUpdate"
other = {**deployment, "spec": {**spec, "replicas": 5}}
try:
    deployments.server_side_apply(namespace=namespace, body=other, field_manager="two")
    raise AssertionError("it must conflict")
except dynamic.exceptions.ConflictError as error:
    assert json.loads(error.body)["details"]["causes"][0]["field"] == ".spec.replicas", error.body
forced = deployments.server_side_apply(namespace=namespace, body=other, field_manager="two", force_conflicts=True)
assert sorted(entry.manager for entry in forced.metadata.managedFields) == ["one", "two"]
print("server-side apply, its conflict, and force")

assert apps.read_namespaced_deployment_scale("web", namespace).spec.replicas == 5
invalid = refused(422, core.create_namespaced_pod, namespace, {"metadata": {"name": "bad"}, "spec": {"containers": []}})
assert invalid["details"]["causes"][0]["field"] == "spec.containers", invalid
print("an invalid pod is refused with its causes")

page = core.list_namespace(limit=2)
rest = core.list_namespace(limit=100, _continue=page.metadata._continue)
assert page.metadata.remaining_item_count == len(rest.items) and page.metadata.resource_version == rest.metadata.resource_version
print("a list in two pages is consistent")

core.delete_namespaced_config_map("web", namespace)
follower.join(20)
assert seen == ["ADDED web", "MODIFIED web", "MODIFIED web", "DELETED web"], seen
print("the watch saw:", ", ".join(seen))
core.delete_namespace(namespace)
print("all is well")
