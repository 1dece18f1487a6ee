// This project's server, which decides conflicts itself: over a storage that survives it, at a time that is set, with an
// audit log. Applies are sent as they are, since no client knows of `fieldDecision`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAuditPolicy, startServer } from 'nekube/apiserver';
import { connect } from 'nekube/client';
import { DEFINITIONS } from 'nekube/fieldpolicy';
import { loadOrCreatePki } from 'nekube/pki';
import { openMemory } from 'nekube/storage';
import { defineKind } from './define-kind.mjs';

const pki = loadOrCreatePki(undefined, { hosts: ['localhost'], ips: ['127.0.0.1'], now: () => new Date() });
const tokens = [
  { token: 'admin', user: { name: 'admin', groups: ['system:masters'] } },
  { token: 'alice', user: { name: 'alice', groups: ['system:masters', 'on-call'] } },
];

/** Starts a server; `install` defines the kinds of policies. */
export async function startDeciding({ install = true, storage = openMemory(), time = { offsetMs: 0 } } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-decide-'));
  const log = join(dir, 'audit.log');
  const policy = parseAuditPolicy('{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: Metadata}]}');
  const server = await startServer({
    listen: { host: '127.0.0.1', port: 0 },
    storage,
    pki,
    tokens,
    now: () => new Date(Date.now() + time.offsetMs),
    audit: { policy, log: { path: log } },
  });
  const connectAs = (token) => connect({ config: { server: server.url, token, ca: { pem: pki.caCert } }, env: {} });
  const [client, alice] = await Promise.all([connectAs('admin'), connectAs('alice')]);
  if (install) for (const definition of DEFINITIONS) await defineKind(client, definition);
  return {
    client,
    alice,
    storage,
    time,
    /** The value of an annotation in the newest audit event that has it. */
    annotation(name) {
      const events = readFileSync(log, 'utf8').trim().split('\n').map(JSON.parse);
      return events.findLast(({ annotations }) => annotations?.[name])?.annotations[name];
    },
    async stop() {
      await Promise.all([client.close(), alice.close()]);
      await server.close();
      rmSync(dir, { recursive: true });
    },
  };
}

/** An apply as it is sent; the subresource of an object of one kind may have another, as Scale. */
export async function applyRaw(client, configuration, manager, options = {}) {
  const { decisions = [], subresource, of = configuration, ...query } = options;
  const { namespace = 'default', name } = configuration.metadata;
  const root = of.apiVersion.includes('/') ? `/apis/${of.apiVersion}` : `/api/${of.apiVersion}`;
  const path = [
    root,
    'namespaces',
    namespace,
    `${of.kind.toLowerCase()}s`,
    name,
    ...(subresource ? [subresource] : []),
  ];
  const parameters = new URLSearchParams({ fieldManager: manager, ...query });
  for (const decision of decisions) parameters.append('fieldDecision', decision);
  const { status, headers, body } = await client.transport.send({
    method: 'PATCH',
    path: `${path.join('/')}?${parameters}`,
    headers: { 'content-type': 'application/apply-patch+yaml', accept: 'application/json' },
    body: JSON.stringify(configuration),
  });
  const chunks = [];
  for await (const chunk of body) chunks.push(chunk);
  const warnings = [headers.warning ?? []].flat().flatMap((line) => line.split(/, (?=299 )/));
  return {
    code: status,
    object: JSON.parse(Buffer.concat(chunks).toString()),
    warnings: warnings.map((line) => JSON.parse(line.slice('299 - '.length))),
  };
}
