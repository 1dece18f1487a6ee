import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { json, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadOrCreatePki } from 'nekube/pki';
import { openMemory } from 'nekube/storage';
import type { InProcessConnection } from './in-process/connection.ts';
import { type RunningServer, startServer } from './server.ts';

const pki = loadOrCreatePki(undefined, { hosts: [], ips: [], now: () => new Date() });
const admin = pki.issueClient({ user: 'admin', groups: ['system:masters'] });
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

let server: RunningServer;
let connection: InProcessConnection;
before(async () => {
  server = await startServer({ storage: openMemory(), pki });
  connection = server.connect({ certificate: admin.cert });
});
after(() => server.close());

async function send(method: string, path: string, object?: object): Promise<void> {
  const body = object === undefined ? {} : { body: JSON.stringify(object) };
  const { status, body: answer } = await connection.send({ method, path, headers: {}, ...body });
  assert.ok(status < 300, await text(answer));
}

function definition(plural: string, kind: string): object {
  const schema = { openAPIV3Schema: { type: 'object' } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.e.test` },
    spec: {
      group: 'e.test',
      scope: 'Namespaced',
      names: { plural, singular: kind.toLowerCase(), kind },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

/** The kinds of the group, in the aggregated form. */
async function kinds(): Promise<string[]> {
  const { body } = await connection.send({ method: 'GET', path: '/apis', headers: { accept: AGGREGATED } });
  const { items } = (await json(body)) as {
    items: { metadata: { name: string }; versions: { resources: { resource: string }[] }[] }[];
  };
  const group = items.find(({ metadata }) => metadata.name === 'e.test');
  return group?.versions.flatMap(({ resources }) => resources.map(({ resource }) => resource)) ?? [];
}

async function until(wanted: readonly string[]): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end && (await kinds()).join() !== wanted.join(); ) await sleep(10);
  assert.deepEqual(await kinds(), wanted);
}

test('a kind that takes the place of another is the one that is discovered', async () => {
  await send('POST', DEFINITIONS, definition('gizmos', 'Gizmo'));
  await until(['gizmos']);
  await send('DELETE', `${DEFINITIONS}/gizmos.e.test`);
  await until([]);
  await send('POST', DEFINITIONS, definition('widgets', 'Widget'));
  await until(['widgets']);
});
