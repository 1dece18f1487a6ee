import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldLabel } from './index.ts';

const found: readonly [kind: string, label: string, want: string][] = [
  ['v1/Pod', 'spec.host', 'spec.nodeName'],
  ['v1/Pod', 'status.phase', 'status.phase'],
  ['apps/v1/Deployment', 'metadata.namespace', 'metadata.namespace'],
  ['events.k8s.io/v1/Event', 'regarding.name', 'involvedObject.name'],
  ['events.k8s.io/v1/Event', 'reportingController', 'reportingComponent'],
];

const refused: readonly [kind: string, label: string, want: string][] = [
  ['v1/Pod', 'bogus', 'field label not supported: bogus'],
  ['v1/Node', 'metadata.namespace', 'field label not supported: metadata.namespace'],
  ['batch/v1/Job', 'a"b', 'field label "a\\"b" not supported for Job'],
  ['resource.k8s.io/v1/ResourceSlice', 'x', 'field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: x'],
  ['events.k8s.io/v1/Event', 'involvedObject.name', 'field label not supported: involvedObject.name'],
  [
    'apps/v1/Deployment',
    'constructor',
    '"constructor" is not a known field selector: only "metadata.name", "metadata.namespace"',
  ],
];

function ask(kind: string, label: string) {
  const [, apiVersion, name] = /^(.*)\/([^/]*)$/.exec(kind)!;
  return fieldLabel(apiVersion!, name!, label);
}

for (const [kind, label, want] of found)
  test(`${kind} is selected by ${label}`, () => assert.deepEqual(ask(kind, label), { label: want }));

for (const [kind, label, want] of refused)
  test(`${kind} is not selected by ${label}`, () => assert.deepEqual(ask(kind, label), { error: want }));
