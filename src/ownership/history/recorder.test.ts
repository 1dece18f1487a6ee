import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { JsonValue, KubeObject } from 'nekube/apimachinery';
import { formatPath } from 'nekube/smd';
import { type AuditEntry, auditEntryOf } from './audit-entry.ts';
import { HistoryStore, type Scope } from './history-store.ts';
import { isNoise } from './noise.ts';
import { Recorder } from './recorder.ts';
import { objectsNamed, timelineOf } from './timeline.ts';

const folder = mkdtempSync(join(tmpdir(), 'nekube-history-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let folders = 0;
const newFolder = (): string => join(folder, `${folders++}`);

const START = Date.UTC(2026, 0, 1, 10);
const SECOND = 1000;
const at = (seconds: number): string => new Date(START + seconds * SECOND).toISOString().replace('.000', '');

const deployments: Scope = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  resource: 'deployments',
  names: ['deploy'],
  namespaced: true,
};

/** A Deployment whose replicas a manager applied at a second. */
function web(version: number, replicas: number, manager = 'git', second = 0, uid = 'u1'): KubeObject {
  const fieldsV1 = { 'f:spec': { 'f:replicas': {} } };
  const entry = {
    manager,
    operation: 'Apply',
    apiVersion: 'apps/v1',
    time: at(second),
    fieldsType: 'FieldsV1',
    fieldsV1,
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid,
      resourceVersion: `${version}`,
      creationTimestamp: at(uid === 'u1' ? -100 : second),
      managedFields: [entry],
    },
    spec: { replicas },
  } as unknown as KubeObject;
}

/** A recorder by a clock that stands until it is set: seconds after the start. */
async function recording(dir: string, scope: Scope = deployments) {
  const store = await HistoryStore.open(dir);
  let now = START;
  const recorder = new Recorder({
    store,
    now: () => now,
    isLeftOut: (path) => isNoise(path) || path[0]?.name === 'metadata',
  });
  const scoped = recorder.scope(scope);
  return {
    store,
    recorder,
    scoped,
    /** Sets the clock; what is told then is of that time. */
    at(second: number) {
      now = START + second * SECOND;
      return scoped;
    },
    async lines(): Promise<string[]> {
      await recorder.flush();
      return linesOf(store);
    },
    async end() {
      await recorder.flush();
      await store.close();
    },
  };
}

function linesOf(store: HistoryStore, now = START): string[] {
  const second = (ms: number): number => (ms - START) / SECOND;
  return objectsNamed(store, 'deploy', { name: 'web' }).flatMap((object) =>
    [...timelineOf(store, object, { now })].map((line) => {
      if (line.type === 'gap') return `gap ${second(line.from)}..${line.to === undefined ? '' : second(line.to)}`;
      const { type, since, seenAt, audited } = line.record;
      const user = audited === undefined ? '' : ` (${audited.user})`;
      const when = since === undefined || audited ? `${second(line.time)}` : `${second(since)}..${second(seenAt)}`;
      if (line.type === 'gone') return `${when} ${type}${user}`;
      const value = line.value && 'value' in line.value ? line.value.value : 'none';
      const by = line.by.map(({ manager }) => manager).join(' or ') || 'nobody';
      return `${when} ${type} ${formatPath(line.path)}=${value} by ${by}${user}`;
    }),
  );
}

test('what was there is found, and each change is of the time that its entry says', async () => {
  const { at, lines, end } = await recording(newFolder());
  at(10).replace([web(1, 3, 'git', 5)]);
  at(20).put(web(2, 10, 'hpa', 19));
  at(30).put(web(3, 10, 'hpa', 19));
  at(40).remove({ namespace: 'shop', name: 'web' }, web(4, 10, 'hpa', 19));
  at(50).put(web(5, 1, 'git', 49, 'u2'));
  assert.deepEqual(await lines(), [
    '5 found .spec.replicas=3 by git',
    '19 changed .spec.replicas=10 by hpa',
    '40 deleted',
    '49 created .spec.replicas=1 by git',
  ]);
  await end();
});

test('after a history that was lost, a change is of some time in the gap', async () => {
  const { at, lines, end } = await recording(newFolder());
  at(10).replace([web(1, 3)]);
  at(60).progress();
  at(100).replace([web(7, 10, 'hpa', 80)]);
  at(110).put(web(8, 11, 'hpa', 109));
  assert.deepEqual(await lines(), [
    '0 found .spec.replicas=3 by git',
    'gap 60..100',
    '60..100 changed .spec.replicas=10 by hpa',
    '109 changed .spec.replicas=11 by hpa',
  ]);
  await end();
});

test('a process that begins anew compares with what the last one saw, which had proved so much', async () => {
  const dir = newFolder();
  const first = await recording(dir);
  first.at(10).replace([web(1, 3)]);
  first.at(70).progress();
  await first.end();
  const second = await recording(dir);
  second.at(300).replace([web(9, 10, 'hpa', 200)]);
  assert.deepEqual(await second.lines(), [
    '0 found .spec.replicas=3 by git',
    'gap 70..300',
    '70..300 changed .spec.replicas=10 by hpa',
  ]);
  await second.end();
});

test('what is as it was has no line, but the gap has', async () => {
  const { at, lines, end } = await recording(newFolder());
  at(10).replace([web(1, 3)]);
  at(100).replace([web(1, 3)]);
  assert.deepEqual(await lines(), ['0 found .spec.replicas=3 by git', 'gap 10..100']);
  await end();
});

test('an object that went, and one that came in its place, while nobody watched', async () => {
  const { at, lines, end } = await recording(newFolder());
  at(10).replace([web(1, 3)]);
  at(100).replace([]);
  at(200).replace([web(9, 5, 'git', 150, 'u2')]);
  at(300).replace([web(12, 6, 'git', 250, 'u3')]);
  assert.deepEqual(await lines(), [
    '0 found .spec.replicas=3 by git',
    'gap 10..100',
    '10..100 deleted',
    'gap 100..200',
    '100..200 created .spec.replicas=5 by git',
    'gap 200..300',
    '200..300 deleted',
    '200..300 created .spec.replicas=6 by git',
  ]);
  await end();
});

test('an object that a selector no longer selects may still be there', async () => {
  const { at, lines, end } = await recording(newFolder(), { ...deployments, labelSelector: 'app=web' });
  at(10).replace([web(1, 3)]);
  at(20).remove({ namespace: 'shop', name: 'web' }, web(2, 3));
  at(30).put(web(3, 3));
  assert.deepEqual(await lines(), ['0 found .spec.replicas=3 by git', '20 left', '0 found .spec.replicas=3 by git']);
  await end();
});

test('two watches that follow each other at once leave no gap', async () => {
  const { store, recorder, at, lines, end } = await recording(newFolder());
  at(10).replace([web(1, 3)]);
  const other = recorder.scope({ ...deployments, namespace: 'shop' });
  at(20);
  other.replace([web(1, 3)]);
  at(30).progress();
  at(60);
  other.progress();
  assert.deepEqual(await lines(), ['0 found .spec.replicas=3 by git']);
  assert.deepEqual(linesOf(store, START + 600 * SECOND).slice(1), ['gap 60..']);
  await end();
});

const audited = (entry: Partial<AuditEntry>): AuditEntry => ({
  group: 'apps',
  resource: 'deployments',
  namespace: 'shop',
  name: 'web',
  verb: 'patch',
  user: 'alice',
  time: START + 20_400,
  ...entry,
});

test('a long first list is recorded whole, in little room, and what is missing from the next is gone', async () => {
  const dir = newFolder();
  const named = (i: number): KubeObject => {
    const object = web(i + 1, i, 'git', 0, `u${i}`);
    return { ...object, metadata: { ...object.metadata, name: `web-${i}` } };
  };
  const all = Array.from({ length: 1000 }, (_, i) => named(i));
  const first = await recording(dir);
  const selected = first.recorder.scope({ ...deployments, labelSelector: 'a=b' });
  const jobs = first.recorder.scope({ ...deployments, group: 'batch', kind: 'Job', resource: 'jobs', names: [] });
  first.at(0).replace(all);
  selected.replace([web(2000, 1, 'git', 0, 'selected')]);
  jobs.replace([{ ...named(7), kind: 'Job', apiVersion: 'batch/v1' }]);
  first.at(10).put(web(2001, 2, 'git', 9, 'selected'));
  await first.end();
  assert.ok(statSync(join(dir, 'data.mdb')).size < 64 * 1024 * 1024);
  const second = await recording(dir);
  second.at(20).replace([...all.slice(0, 500), ...all.slice(502), web(2001, 2, 'git', 9, 'selected')]);
  await second.recorder.flush();
  const types = new Map<string, number>();
  for (const { type, object, since } of second.store.records()) {
    const what = `${type} ${object.kind}${since === undefined ? '' : ' since a gap'}`;
    types.set(what, (types.get(what) ?? 0) + 1);
  }
  assert.deepEqual(
    [...types],
    [
      ['found Deployment', 1001],
      ['found Job', 1],
      ['changed Deployment', 1],
      ['deleted Deployment since a gap', 2],
    ],
  );
  await second.end();
});

test('a clock that was set back makes no time that ends before it begins', async () => {
  const dir = newFolder();
  const first = await recording(dir);
  first.at(100).replace([web(1, 3)]);
  first.at(50).put(web(2, 4, 'hpa', 50));
  first.at(200).progress();
  await first.end();
  const second = await recording(dir);
  second.at(20).replace([web(3, 5, 'git', 20)]);
  second.at(30).remove({ namespace: 'shop', name: 'web' }, undefined);
  await second.recorder.flush();
  for (const { since, seenAt } of second.store.records()) assert.ok(since === undefined || since <= seenAt);
  const lines = await second.lines();
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('gap')),
    [
      '0 found .spec.replicas=3 by git',
      '50 changed .spec.replicas=4 by hpa',
      '20..20 changed .spec.replicas=5 by git',
      '30 deleted',
    ],
  );
  await second.end();
});

test('what was seen before a time is left out, with gaps that ended before', async () => {
  const dir = newFolder();
  const first = await recording(dir);
  first.at(10).replace([web(1, 3)]);
  await first.end();
  const second = await recording(dir);
  second.at(20).replace([web(2, 4, 'hpa', 15)]);
  second.at(30).put(web(3, 5, 'hpa', 30));
  await second.recorder.flush();
  const [object] = objectsNamed(second.store, 'deploy', { name: 'web' });
  const typesSince = (since: number) =>
    [...timelineOf(second.store, object!, { now: START, since: START + since * SECOND })].map(({ type }) => type);
  assert.deepEqual(typesSince(0), ['field', 'gap', 'field', 'field']);
  assert.deepEqual(typesSince(15), ['gap', 'field', 'field']);
  assert.deepEqual(typesSince(25), ['field']);
  await second.end();
});

test('the audit log says who it was, and when exactly, whichever comes first', async () => {
  for (const early of [true, false]) {
    const { recorder, at, lines, end } = await recording(newFolder());
    at(10).replace([web(1, 3)]);
    if (early) recorder.audited(audited({ resourceVersion: '2' }));
    at(21).put(web(2, 10, 'hpa', 20));
    if (!early) {
      await recorder.flush();
      recorder.audited(audited({ resourceVersion: '2' }));
    }
    at(31).put(web(3, 11, 'hpa', 30));
    assert.deepEqual(await lines(), [
      '0 found .spec.replicas=3 by git',
      '20.4 changed .spec.replicas=10 by hpa (alice)',
      '30 changed .spec.replicas=11 by hpa',
    ]);
    await end();
  }
});

test('without a version a write is found by manager and time, and where two would fit neither is taken', async () => {
  const cases: readonly (readonly [entries: readonly Partial<AuditEntry>[], user: string])[] = [
    [[{ fieldManager: 'hpa' }], ' (alice)'],
    [[{ userAgent: 'hpa/v1 (linux)' }], ' (alice)'],
    [[{ fieldManager: 'git' }], ''],
    [[{ fieldManager: 'hpa', time: START + 29_000 }], ''],
    [[{ fieldManager: 'hpa', verb: 'delete', time: START + 90_000 }], ''],
    [[{ fieldManager: 'hpa' }, { fieldManager: 'hpa', user: 'bob' }], ''],
    [[{ fieldManager: 'hpa', name: 'other' }], ''],
  ];
  for (const [entries, user] of cases) {
    const { recorder, at, lines, end } = await recording(newFolder());
    at(10).replace([web(1, 3)]);
    for (const entry of entries) recorder.audited(audited(entry));
    at(21).put(web(2, 10, 'hpa', 20));
    const [, line] = await lines();
    assert.ok(line!.endsWith(`.spec.replicas=10 by hpa${user}`), `${JSON.stringify(entries)}: ${line}`);
    await end();
  }
});

test('what is too old goes, with objects that are gone, and what is kept stays whole', async () => {
  const { store, recorder, at, lines, end } = await recording(newFolder());
  at(10).replace([web(1, 3)]);
  at(20).put(web(2, 4, 'git', 20));
  at(30).remove({ namespace: 'shop', name: 'web' }, undefined);
  await recorder.prune({ before: START + 15 * SECOND });
  assert.deepEqual(await lines(), ['20 changed .spec.replicas=4 by git', '30 deleted']);
  await recorder.prune({ before: START + 100 * SECOND });
  assert.deepEqual([...store.objects()], []);
  at(110).put(web(9, 5, 'git', 109, 'u2'));
  assert.deepEqual(await lines(), ['109 created .spec.replicas=5 by git']);
  await end();
});

test('the oldest goes when there is too much', async () => {
  const { store, recorder, at, end } = await recording(newFolder());
  at(10).replace([web(1, 0)]);
  for (let i = 1; i < 3000; i++) at(10 + i).put(web(1 + i, i, 'git', 10 + i));
  await recorder.flush();
  const before = store.usedBytes;
  await recorder.prune({ before: 0, maxBytes: before / 2 });
  const left = [...store.records()];
  assert.ok(store.usedBytes <= before / 2 && left.length > 500 && left.length < 2500, `${left.length} records`);
  assert.equal(left.at(-1)!.resourceVersion, '3000');
  await end();
});

test('an object that nests without end is recorded, and does not end the watch', async () => {
  const { at, lines, end } = await recording(newFolder());
  let deep: JsonValue = 1;
  for (let i = 0; i < 9000; i++) deep = i % 2 === 0 ? [deep] : { a: deep };
  const object = web(1, 3);
  at(10).replace([{ ...object, spec: { replicas: 3, deep } } as never]);
  at(20).put(web(2, 4, 'git', 19));
  const seen = await lines();
  assert.ok(seen.includes('19 changed .spec.replicas=4 by git'));
  await end();
});

test('an integer that no number holds is kept', async () => {
  const { store, at, recorder, end } = await recording(newFolder());
  const big = 9_007_199_254_740_993n;
  at(10).replace([{ ...web(1, 3), spec: { replicas: big } } as unknown as KubeObject]);
  await recorder.flush();
  const [record] = store.records();
  assert.deepEqual(record!.changes[0]!.value, { value: big });
  await end();
});

const event = (change: object): string =>
  JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    stage: 'ResponseComplete',
    verb: 'patch',
    requestURI: '/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=hpa&force=true',
    user: { username: 'alice' },
    userAgent: 'kubectl/v1.36.3',
    objectRef: { resource: 'deployments', namespace: 'shop', name: 'web', apiGroup: 'apps', apiVersion: 'v1' },
    responseStatus: { code: 200 },
    stageTimestamp: '2026-01-01T10:00:20.400000Z',
    ...change,
  });

test('a line of an audit log is a write, or none, or no event', () => {
  assert.deepEqual(auditEntryOf(event({})), {
    ...audited({ fieldManager: 'hpa', userAgent: 'kubectl/v1.36.3' }),
  });
  const response = { kind: 'Deployment', metadata: { name: 'web', resourceVersion: '7' } };
  assert.equal(auditEntryOf(event({ responseObject: response }))!.resourceVersion, '7');
  assert.equal(auditEntryOf(event({ impersonatedUser: { username: 'bob' } }))!.impersonated, 'bob');
  const created = {
    verb: 'create',
    objectRef: { resource: 'deployments', namespace: 'shop' },
    responseObject: response,
  };
  assert.equal(auditEntryOf(event(created))!.name, 'web');
  for (const none of [
    { verb: 'get' },
    { stage: 'RequestReceived' },
    { responseStatus: { code: 409 } },
    { requestURI: '/apis/apps/v1/namespaces/shop/deployments/web?dryRun=All' },
    { objectRef: undefined },
  ])
    assert.equal(auditEntryOf(event(none)), undefined, JSON.stringify(none));
  for (const broken of ['{"kind":"Event"', '[]', '{"kind":"Pod","apiVersion":"v1"}'])
    assert.throws(() => auditEntryOf(broken), Error, broken);
});
