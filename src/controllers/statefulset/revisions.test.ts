import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { controllerReferenceTo } from 'nekube/controller';
import { objectClient } from '../testing/object-client.ts';
import { type ControllerRevision, dataOf } from '../workload/controller-revision.ts';
import { listRevisions, syncRevisions, truncateRevisions } from './revisions.ts';
import type { StatefulSet } from './stateful-set.ts';

const TEMPLATE = { metadata: { labels: { app: 'db' } }, spec: {} };

function setOf(status: object = {}, more: object = {}): StatefulSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'ns', uid: 'set', annotations: { team: 'a' } },
    spec: { selector: { matchLabels: { app: 'db' } }, template: TEMPLATE, ...more },
    status,
  } as unknown as StatefulSet;
}

function revision(name: string, number: number, template: object = { spec: { name } }, owner?: object) {
  const one: ControllerRevision = {
    metadata: {
      name,
      namespace: 'ns',
      uid: name,
      labels: { app: 'db' },
      ownerReferences: [(owner ?? controllerReferenceTo(setOf())) as ReturnType<typeof controllerReferenceTo>],
    },
    data: dataOf(template),
    revision: number,
  };
  return one;
}

async function sync(
  revisions: readonly ControllerRevision[],
  set = setOf(),
  others: readonly ControllerRevision[] = [],
) {
  const { client, writes } = objectClient([...revisions, ...others]);
  return { ...(await syncRevisions(client, set, revisions)), writes };
}

describe('the revisions of a StatefulSet', () => {
  test('the first template is revision 1, current and update, with labels and annotations', async () => {
    const { current, update, collisionCount } = await sync([]);
    const { labels = {}, annotations, name } = update.metadata;
    assert.equal(current, update);
    assert.deepEqual([update.revision, collisionCount, annotations, labels.app], [1, 0, { team: 'a' }, 'db']);
    assert.equal(name, `db-${labels['controller.kubernetes.io/hash']}`);
  });

  test('another template is one after the newest, and pods stay of the current one', async () => {
    const { current, update } = await sync([revision('a', 3), revision('b', 7)], setOf({ currentRevision: 'b' }));
    assert.deepEqual([current.metadata.name, update.revision], ['b', 8]);
  });

  test('a template that comes again is the newest again, and one that is it already stays', async () => {
    const again = await sync([revision('a', 1, TEMPLATE), revision('b', 2)]);
    assert.deepEqual([again.update.metadata.name, again.update.revision, again.writes], ['a', 3, ['update a']]);
    const same = await sync([revision('a', 1), revision('b', 2, TEMPLATE)]);
    assert.deepEqual([same.update.metadata.name, same.writes], ['b', []]);
  });

  test('a name that another template has is a collision, and the next is taken', async () => {
    const first = (await sync([])).update;
    const { update, collisionCount } = await sync([], setOf(), [{ ...first, data: dataOf({}) }]);
    assert.equal(collisionCount, 1);
    assert.notEqual(update.metadata.name, first.metadata.name);
    const known = await sync([], setOf(), [first]);
    assert.deepEqual([known.update, known.collisionCount], [first, 0]);
  });

  test('are those that it owns, or nobody does, the oldest first', async () => {
    const foreign = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'other', uid: 'other', controller: true };
    const others = [revision('theirs', 1, {}, foreign), { ...revision('c', 1), metadata: { name: 'c', labels: {} } }];
    const all = [revision('b', 2), revision('a', 1), ...others];
    const { client } = objectClient(all);
    const store = { get: () => undefined, list: () => all, byIndex: () => [], size: all.length };
    const listed = await listRevisions(client, setOf(), store);
    assert.deepEqual(
      listed.map(({ metadata }) => metadata.name),
      ['a', 'b'],
    );
  });
});

const limits: readonly [
  what: string,
  limit: number | undefined,
  live: readonly string[],
  deleted: readonly string[],
][] = [
  ['all but so many', 1, [], ['a', 'b']],
  ['those that no pod is of, of which so many stay', 1, ['a'], ['b']],
  ['all', 0, [], ['a', 'b', 'c']],
  ['none, if there are no more', 3, [], []],
  ['none of the ten that stay by default', undefined, [], []],
];
for (const [what, revisionHistoryLimit, live, deleted] of limits)
  test(`of the revisions of a StatefulSet go, the oldest first: ${what}`, async () => {
    const revisions = [revision('a', 1), revision('b', 2), revision('c', 3)];
    const { client, writes } = objectClient(revisions);
    await truncateRevisions(client, setOf({}, { revisionHistoryLimit }), revisions, new Set(live));
    assert.deepEqual(
      writes,
      deleted.map((name) => `delete ${name}`),
    );
  });
