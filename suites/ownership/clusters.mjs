// The clusters that ownership is tested on: this project's server in this process, and the real kube-apiserver.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'nekube/client';
import { start } from 'nekube/envtest';

const binaries = process.env.ORACLES ?? join(homedir(), '.cache', 'nekube-oracles');
const missing = ['etcd', 'kube-apiserver'].find((name) => !existsSync(join(binaries, name)));

/** Each gives {client, stop()} when it is started, and says why it cannot be. */
export const clusters = [
  { name: 'nekube', skip: false, start: ours },
  { name: 'kube-apiserver', skip: missing && `there is no ${missing} in ${binaries}`, start: real },
];

async function ours() {
  const environment = await start({ level: 'fake' });
  return { client: environment.client, stop: () => environment.stop() };
}

async function real() {
  const { startOracle } = await import('../../tools/oracle.mjs');
  const oracle = await startOracle();
  const { url, token, ca } = oracle;
  const client = await connect({ config: { server: url, token, ca: { pem: ca } }, env: {} });
  return {
    client,
    oracle,
    stop: async () => {
      await client.close();
      await oracle.stop();
    },
  };
}

/** Applies a definition and waits until its kind can be applied, and until the cluster's OpenAPI has it. */
export async function defineKind(client, definition) {
  await client.apply(definition, { fieldManager: 'test-setup', force: true });
  const { group, names, versions } = definition.spec;
  for (let attempt = 0; attempt < 600; attempt++) {
    if (await isPublished(client, group, versions, names.kind)) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${names.kind} is not in the cluster's OpenAPI`);
}

async function isPublished(client, group, versions, kind) {
  for (const { name } of versions) {
    const document = await client
      .raw({ method: 'GET', path: `/openapi/v3/apis/${group}/${name}`, headers: { accept: 'application/json' } })
      .catch(() => undefined);
    const schemas = Object.values(document?.components?.schemas ?? {});
    const kinds = schemas.flatMap((schema) => schema['x-kubernetes-group-version-kind'] ?? []);
    if (!kinds.some((one) => one.kind === kind)) return false;
  }
  return true;
}
