// A controller runs with all rights while its requests are logged; then again on a fresh cluster, with the roles that
// `nekube audit log` made of the log and no others: it must do the same, and be refused nothing.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseYaml } from 'nekube/apimachinery';
import { AuditLogReader, isOfResource, usageOf } from 'nekube/audit';
import { Manager } from 'nekube/controller';
import { addWebsiteController, Website } from '../../examples/website-controller/website.mjs';
import { connected } from '../connected.mjs';
import { eventually } from '../node/cluster.mjs';
import { startNekube } from '../servers.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const main = here('../../dist/cli/main.js');
const ACCOUNT = { namespace: 'operators', name: 'website' };
const USER = `system:serviceaccount:${ACCOUNT.namespace}:${ACCOUNT.name}`;
const RBAC = 'rbac.authorization.k8s.io/v1';
const EVERYTHING = {
  apiVersion: RBAC,
  kind: 'ClusterRoleBinding',
  metadata: { name: 'everything' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'ServiceAccount', ...ACCOUNT }],
};

describe('a controller under the roles of its own audit log', () => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-roles-'));
  let text, roles, first, second;

  before(async () => {
    first = await run(join(dir, 'first.log'), [EVERYTHING]);
    text = await rolesOf(join(dir, 'first.log'));
    roles = documents(text);
    second = await run(join(dir, 'second.log'), roles);
  });
  after(() => rmSync(dir, { recursive: true }));

  test('the roles are the ones that its work needs', () => {
    const rules = Object.fromEntries(
      roles
        .filter(({ rules }) => rules !== undefined)
        .map(({ kind, rules }) => [kind, rules.map((rule) => `${rule.resources}: ${rule.verbs}`)]),
    );
    assert.deepEqual(rules, {
      ClusterRole: [
        'services: watch,create,patch',
        'deployments: watch,create,patch',
        'websites: watch,patch',
        'websites/status: patch',
      ],
    });
  });

  test('they are the same when it is followed as it works', () => assert.equal(first.followed, text));

  test('it is refused nothing, and writes the same', () => {
    assert.deepEqual(
      second.denied.map(({ uri }) => uri),
      [],
    );
    assert.ok(first.writes.length > 0);
    assert.deepEqual(second.writes, first.writes);
  });

  test('what the cluster grants and was not used is told, and is nothing with these roles', () => {
    assert.deepEqual(
      first.unused.map(({ level, verb, resource, path }) => [level, verb, path ?? resource]),
      [
        ['critical', '*', '*'],
        ['low', '*', '*'],
      ],
    );
    assert.deepEqual(
      second.unused.filter(({ used }) => used.length === 0),
      [],
    );
  });
});

const documents = (text) => text.split(/^---$/m).map((one) => parseYaml(one));

/** Runs the controller with these rights until it has done its work; gives what it was refused, and what it wrote. */
async function run(log, rights) {
  const server = await startNekube({ args: ['--audit-policy-file', here('policy.yaml'), '--audit-log-path', log] });
  const admin = await connected(server.url, server.ca, { token: server.token }, 'nekube-roles-');
  try {
    const { client } = admin;
    await client.create(
      parseYaml(readFileSync(here('../../examples/website-controller/config/websites.yaml'), 'utf8')),
    );
    for (const name of [ACCOUNT.namespace, 'one', 'two'])
      await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await client.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: ACCOUNT });
    const following = await follow(admin.kubeconfig);
    for (const object of rights) await client.create(object);
    await work(server, client);
    const followed = await following.end();
    const { unused } = JSON.parse(await auditLog(log, '--live', '--kubeconfig', admin.kubeconfig, '-o', 'json'));
    // what all service accounts have in every cluster is no choice of who made the roles
    const isChosen = ({ role }) => role !== 'ClusterRole system:service-account-issuer-discovery';
    return { ...outcomeOf(log), followed, unused: unused.filter(isChosen) };
  } finally {
    await admin.close();
    await server.stop();
  }
}

/** `nekube audit attach` until it is interrupted, which then prints the roles. */
async function follow(kubeconfig) {
  const args = [
    main,
    'audit',
    'attach',
    '--kubeconfig',
    kubeconfig,
    '--serviceaccount',
    'operators/website',
    '-o',
    'yaml',
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  const closed = once(child, 'close');
  await eventually(() => stderr.includes('following'), 'it follows');
  return {
    async end() {
      child.kill('SIGINT');
      const [code] = await closed;
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stderr, /none of these roles grants/, 'what was granted meanwhile is known');
      return stdout;
    },
  };
}

async function work(server, admin) {
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const account = { apiVersion: 'v1', kind: 'ServiceAccount' };
  const { status } = await admin.createSubresource(account, ACCOUNT, 'token', request);
  const operator = await connected(server.url, server.ca, { token: status.token }, 'nekube-roles-');
  const stop = new AbortController();
  const manager = new Manager({ client: operator.client });
  addWebsiteController(manager, new Map());
  const running = manager.start(stop.signal);
  try {
    for (const namespace of ['one', 'two'])
      await admin.create({
        ...Website,
        metadata: { namespace, name: 'web' },
        spec: { domain: `${namespace}.example`, replicas: 2 },
      });
    const conditions = async (namespace) => (await admin.get(Website, { namespace, name: 'web' })).status?.conditions;
    for (const namespace of ['one', 'two'])
      await eventually(() => conditions(namespace), `a website in ${namespace} has a status`);
    await admin.delete(Website, { namespace: 'one', name: 'web' });
    await eventually(async () => (await admin.list(Website, { namespace: 'one' })).items.length === 0, 'it is gone');
  } finally {
    stop.abort();
    await running;
    await operator.close();
  }
}

function outcomeOf(log) {
  const reader = new AuditLogReader();
  for (const line of readFileSync(log, 'utf8').split('\n')) reader.read(line);
  const { requests, problems } = reader.trail();
  assert.deepEqual(problems, []);
  const { denied } = usageOf(requests, USER);
  const writes = requests
    .filter(
      ({ user, verb, target }) =>
        user.name === USER && isOfResource(target) && !['get', 'list', 'watch'].includes(verb),
    )
    .map(
      ({ verb, target: { resource, subresource, namespace, name } }) =>
        `${verb} ${resource} ${subresource} ${namespace}/${name}`,
    );
  return { denied, writes: [...new Set(writes)].sort() };
}

async function rolesOf(log) {
  return auditLog(log, '-o', 'yaml');
}

async function auditLog(log, ...flags) {
  const args = [main, 'audit', 'log', log, '--serviceaccount', 'operators/website', ...flags];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  assert.match(stderr, /^note: it watched without list [^\n]*\n$/);
  return stdout;
}
