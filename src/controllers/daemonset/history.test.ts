import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { controllerReferenceTo } from 'nekube/controller';
import type { Pod } from '../pods/pod.ts';
import { type ObjectClient, objectClient } from '../testing/object-client.ts';
import { type ControllerRevision, dataOf, REVISION_LABEL } from '../workload/controller-revision.ts';
import type { DaemonSet } from './daemon-set.ts';
import { type History, syncHistory, truncateHistory } from './history.ts';

const TEMPLATE = { metadata: { labels: { app: 'web' } }, spec: {} };
const SET: DaemonSet = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'web', namespace: 'ns', uid: 'set', annotations: { team: 'a' } },
  spec: { selector: { matchLabels: { app: 'web' } }, template: TEMPLATE, revisionHistoryLimit: 1 },
  status: { desiredNumberScheduled: 0, currentNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
};

/** A revision of the set, of the template that it has unless another is given. */
function revision(name: string, number: number, template: object = { spec: { name } }): ControllerRevision {
  return {
    metadata: {
      name,
      namespace: 'ns',
      uid: name,
      labels: { app: 'web', [REVISION_LABEL]: name },
      ownerReferences: [controllerReferenceTo(SET)],
    },
    data: dataOf(template),
    revision: number,
  };
}

const podOf = (hash: string): Pod => ({
  metadata: { name: `of-${hash}`, labels: { [REVISION_LABEL]: hash } },
  spec: {},
});

async function sync(revisions: readonly ControllerRevision[], pods: readonly Pod[] = [], set = SET) {
  const world: ObjectClient = objectClient([set, ...revisions, ...pods]);
  const store = { get: () => undefined, list: () => revisions, byIndex: () => [], size: revisions.length };
  const history = await syncHistory(world.client, set, { store, pods: async () => pods });
  return { history, writes: world.writes, world };
}

describe('the revisions of a DaemonSet', () => {
  test('the first template is revision 1, with the labels of pods and the annotations of the set', async () => {
    const { history } = await sync([]);
    const { metadata, revision: number } = history.current;
    assert.equal(number, 1);
    assert.equal(metadata.name, `web-${metadata.labels?.[REVISION_LABEL]}`);
    assert.deepEqual([metadata.labels?.app, metadata.annotations], ['web', { team: 'a' }]);
    assert.deepEqual(history.old, []);
  });

  test('another template is one after the newest', async () => {
    const { history } = await sync([revision('a', 3), revision('b', 7)]);
    assert.equal(history.current.revision, 8);
    assert.deepEqual(
      history.old.map(({ metadata }) => metadata.name),
      ['a', 'b'],
    );
  });

  test('a template that comes again is the newest again, and one that is it already stays', async () => {
    const again = await sync([revision('a', 1, TEMPLATE), revision('b', 2)]);
    assert.deepEqual([again.history.current.revision, again.writes], [3, ['update a']]);
    const same = await sync([revision('a', 1), revision('b', 2, TEMPLATE)]);
    assert.deepEqual([same.history.current.metadata.name, same.writes], ['b', []]);
  });

  test('of two of one template the newer stays, and all pods become its', async () => {
    const pods = [podOf('a'), podOf('b')];
    const { history, writes } = await sync([revision('a', 1, TEMPLATE), revision('b', 2, TEMPLATE)], pods);
    assert.equal(history.current.metadata.name, 'b');
    assert.deepEqual(writes, [`patch of-a {"metadata":{"labels":{"${REVISION_LABEL}":"b"}}}`, 'delete a']);
  });

  test('one without a hash gets its name as such', async () => {
    const old = revision('a', 1, TEMPLATE);
    const { history, writes } = await sync([{ ...old, metadata: { ...old.metadata, labels: { app: 'web' } } }]);
    assert.deepEqual([history.current.metadata.labels?.[REVISION_LABEL], writes], ['a', ['update a']]);
  });

  test('a hash that another template has is counted, and the next try has another', async () => {
    const name = (await sync([])).history.current.metadata.name!;
    const world = objectClient([SET, revision(name, 1)]);
    const store = { get: () => undefined, list: () => [], byIndex: () => [], size: 0 };
    const parts = { store, pods: async () => [] };
    await assert.rejects(syncHistory(world.client, SET, parts), /already exists/);
    const counted = world.objects.get('web') as DaemonSet;
    assert.equal(counted.status?.collisionCount, 1);
    const next = await syncHistory(world.client, counted, parts);
    assert.notEqual(next.current.metadata.name, name);
    await assert.rejects(
      syncHistory(objectClient([counted, revision(name, 1)]).client, SET, parts),
      /stale collision count \(0, expected 1\)/,
    );
  });
});

const history: History = {
  current: revision('new', 9),
  old: [revision('d', 4), revision('a', 1), revision('c', 3), revision('b', 2)],
};
const limits: readonly [
  what: string,
  limit: number | undefined,
  live: readonly string[],
  deleted: readonly string[],
][] = [
  ['all but so many', 1, [], ['a', 'b', 'c']],
  ['none, if there are no more', 4, [], []],
  ['all', 0, [], ['a', 'b', 'c', 'd']],
  ['none that pods are of, which count all the same', 2, ['a'], ['b', 'c']],
  ['none of the ten that stay by default', undefined, [], []],
];
for (const [what, revisionHistoryLimit, live, deleted] of limits)
  test(`of old revisions of a DaemonSet go, the oldest first: ${what}`, async () => {
    const { client, writes } = objectClient(history.old);
    const set = { ...SET, spec: { ...SET.spec, revisionHistoryLimit } };
    await truncateHistory(client, set, history, live.map(podOf));
    assert.deepEqual(
      writes,
      deleted.map((name) => `delete ${name}`),
    );
  });
