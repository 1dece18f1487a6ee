import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject, KubeObject, ManagedFieldsEntry } from 'nekube/apimachinery';
import { formatPath } from 'nekube/smd';
import { changesBetween } from './changes.ts';
import { fieldsOf } from './fields.ts';
import { textOfHash } from './kept-value.ts';
import { isNoise } from './noise.ts';
import { stateOf } from './object-state.ts';
import { pathOfText, textOfPath } from './path-text.ts';

const salt = Buffer.alloc(32, 7);
const named = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' };

/** An entry: `git Apply 10:00:05`, and its fields. */
function entry(text: string, fieldsV1: JsonObject): ManagedFieldsEntry {
  const [manager, operation, time, subresource] = text.split(' ');
  return {
    manager: manager!,
    operation: operation as 'Apply',
    apiVersion: 'apps/v1',
    time: `2026-01-01T${time}Z`,
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource !== undefined && { subresource }),
  };
}

function object(content: JsonObject, ...managedFields: ManagedFieldsEntry[]): KubeObject {
  const metadata = { name: 'web', namespace: 'shop', uid: 'u', resourceVersion: '1', managedFields };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, ...content } as unknown as KubeObject;
}

function lines(before: KubeObject | undefined, after: KubeObject, name = named, since?: number): string[] {
  const state = (one: KubeObject) =>
    stateOf(one, name, {
      scope: 1,
      seenAt: 0,
      salt,
      isLeftOut: isNoise,
    }).state;
  const old = before && state(before);
  const now = state(after);
  return changesBetween(old, now, since).map(({ path, value, by, isOwnersOnly, owners }) => {
    const shown = value === undefined ? 'gone' : 'hash' in value ? textOfHash(value) : JSON.stringify(value.value);
    const names = (places: readonly number[]) => places.map((i) => now.writers[i]!.manager).join(',') || 'nobody';
    return `${formatPath(pathOfText(path))} ${isOwnersOnly ? `is owned by ${names(owners)}` : shown} by ${names(by)}`;
  });
}

const replicas = { 'f:spec': { 'f:replicas': {} } };

test('a value is by who owns it now', () => {
  const before = object({ spec: { replicas: 3 } }, entry('git Apply 10:00:00', replicas));
  const after = object(
    { spec: { replicas: 10 } },
    entry('git Apply 10:00:00', { 'f:spec': {} }),
    entry('hpa Update 10:01:00 scale', replicas),
  );
  assert.deepEqual(lines(before, after), ['.spec.replicas 10 by hpa']);
});

test('a second write within a second is by its owner, whose entry says the same as before', () => {
  const before = object({ spec: { replicas: 3 } }, entry('git Apply 10:00:00', replicas));
  assert.deepEqual(lines(before, object({ spec: { replicas: 4 } }, entry('git Apply 10:00:00', replicas))), [
    '.spec.replicas 4 by git',
  ]);
});

test('owners that share a field: who wrote meanwhile did it, or it is left open', () => {
  const before = object(
    { spec: { replicas: 3 } },
    entry('a Apply 10:00:00', replicas),
    entry('b Apply 10:00:00', replicas),
  );
  const one = object(
    { spec: { replicas: 4 } },
    entry('a Apply 10:00:00', replicas),
    entry('b Apply 10:00:09', replicas),
  );
  assert.deepEqual(lines(before, one), ['.spec.replicas 4 by b']);
  const both = object(
    { spec: { replicas: 4 } },
    entry('a Apply 10:00:07', replicas),
    entry('b Apply 10:00:09', replicas),
  );
  assert.deepEqual(lines(before, both), ['.spec.replicas 4 by a,b']);
});

test('what the server sets on the way of a write is by who wrote, though another owns it', () => {
  const before = object({ spec: { replicas: 3 } }, entry('a Update 10:00:00', replicas));
  const other = entry('b Update 10:00:09', { 'f:spec': { 'f:paused': {} } });
  const after = object({ spec: { replicas: 4 } }, entry('a Update 10:00:00', replicas), other);
  assert.deepEqual(lines(before, after), ['.spec.replicas 4 by b']);
});

test('over a time that was not watched, an owner whose entry says that it did not write did not', () => {
  const before = object({ spec: { replicas: 3 } }, entry('a Update 10:00:00', replicas));
  const other = entry('b Update 10:00:09', { 'f:spec': { 'f:paused': {} } });
  const after = object({ spec: { replicas: 4 } }, entry('a Update 10:00:00', replicas), other);
  assert.deepEqual(lines(before, after, named, Date.UTC(2026, 0, 1, 10, 0, 5)), ['.spec.replicas 4 by nobody']);
});

test('a removal is by who owned the field and wrote; by nobody where nothing says who', () => {
  const has = { spec: { replicas: 3, paused: true } };
  const owned = { 'f:spec': { 'f:replicas': {}, 'f:paused': {} } };
  const before = object(has, entry('git Apply 10:00:00', owned));
  const removed = object({ spec: { replicas: 3 } }, entry('git Apply 10:00:09', replicas));
  assert.deepEqual(lines(before, removed), ['.spec.paused gone by git']);
  const unknown = object({ spec: { replicas: 3 } }, entry('git Apply 10:00:00', replicas));
  assert.deepEqual(lines(before, unknown), ['.spec.paused gone by nobody']);
});

test('a field whose owners alone changed', () => {
  const before = object({ spec: { replicas: 3 } }, entry('a Apply 10:00:00', replicas));
  const shared = object(
    { spec: { replicas: 3 } },
    entry('a Apply 10:00:00', replicas),
    entry('b Apply 10:00:05', replicas),
  );
  assert.deepEqual(lines(before, shared), ['.spec.replicas is owned by a,b by b']);
  assert.deepEqual(lines(shared, before), ['.spec.replicas is owned by a by nobody']);
});

const containers = (...names: string[]) => ({
  'f:spec': {
    'f:containers': Object.fromEntries(
      names.map((name) => [`k:{"name":"${name}"}`, { '.': {}, 'f:name': {}, 'f:image': {} }]),
    ),
  },
});

test('items of a keyed list are told apart by key, whatever their place', () => {
  const of = (...items: readonly [string, string][]) => ({
    spec: { containers: items.map(([name, image]) => ({ name, image })) },
  });
  const before = object(of(['app', 'v1'], ['log', 'v1']), entry('git Apply 10:00:00', containers('app', 'log')));
  const after = object(
    of(['new', 'v1'], ['log', 'v1'], ['app', 'v2']),
    entry('git Apply 10:00:09', containers('app', 'log', 'new')),
  );
  assert.deepEqual(lines(before, after), [
    '.spec.containers[name="new"].name "new" by git',
    '.spec.containers[name="new"].image "v1" by git',
    '.spec.containers[name="app"].image "v2" by git',
  ]);
});

test('what is atomic is one value, members of sets are each their own, and lists that nobody owns are whole', () => {
  const content = (zone: string) => ({
    spec: { selector: { matchLabels: { zone } }, finalizers: ['x', zone], other: [{ zone }] },
  });
  const owned = (zone: string) => ({
    'f:spec': { 'f:selector': {}, 'f:finalizers': { '.': {}, 'v:"x"': {}, [`v:"${zone}"`]: {} } },
  });
  const before = object(content('a'), entry('git Apply 10:00:00', owned('a')));
  const after = object(content('b'), entry('git Apply 10:00:09', owned('b')));
  assert.deepEqual(lines(before, after), [
    '.spec.selector {"matchLabels":{"zone":"b"}} by git',
    '.spec.finalizers[="b"] "b" by git',
    '.spec.other [{"zone":"b"}] by git',
    '.spec.finalizers[="a"] gone by git',
  ]);
});

test('what changes with time alone is left out', () => {
  const status = (at: string, ready: string) => ({
    status: { observedGeneration: at.length, conditions: [{ type: 'Ready', status: ready, lastTransitionTime: at }] },
  });
  const owned = entry('kubelet Update 10:00:00', {
    'f:status': {
      'f:conditions': { 'k:{"type":"Ready"}': { 'f:type': {}, 'f:status': {}, 'f:lastTransitionTime': {} } },
    },
  });
  assert.deepEqual(lines(object(status('1', 'True'), owned), object(status('22', 'True'), owned)), []);
  assert.deepEqual(lines(object(status('1', 'True'), owned), object(status('22', 'False'), owned)), [
    '.status.conditions[type="Ready"].status "False" by kubelet',
  ]);
});

test('values of Secrets are told apart by a hash that is another in each store and field', () => {
  const secret = { group: '', kind: 'Secret', namespace: 'shop', name: 'web' };
  const of = (password: string) => object({ data: { password, other: password } });
  const shown = lines(undefined, of('aHVudGVyMg=='), secret).filter((line) => line.startsWith('.data'));
  assert.equal(shown.length, 2);
  for (const line of shown) assert.match(line, /^\.data\.\w+ <secret [0-9a-f]{8}> by nobody$/);
  assert.notEqual(shown[0]!.split(' ')[2], shown[1]!.split(' ')[2]);
  assert.deepEqual(lines(of('a'), of('a'), secret), []);
  assert.equal(lines(of('a'), of('b'), secret).length, 2);
});

test('a path is read again from its text, whatever is in it', () => {
  const path = fieldsOf(
    object(
      { spec: { 'a.b/c~d': 'x', ports: [{ port: 80, protocol: 'T/C' }] } },
      entry('git Apply 10:00:00', { 'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"T/C"}': { 'f:port': {} } } } }),
    ),
  ).fields.map((field) => field.path);
  for (const one of path) assert.equal(textOfPath(pathOfText(textOfPath(one))), textOfPath(one));
  assert.ok(path.some((one) => formatPath(one) === '.spec.ports[port=80,protocol="T/C"].port'));
});

test('an entry that cannot be read is told, and the others are used', () => {
  const { problems, fields } = fieldsOf(
    object(
      { spec: { replicas: 3 } },
      entry('bad Apply 10:00:00', { 'q:spec': {} }),
      entry('git Apply 10:00:00', replicas),
    ),
  );
  assert.ok(problems.length <= 1);
  assert.deepEqual(fields.find(({ path }) => formatPath(path) === '.spec.replicas')!.owners.length, 1);
});
