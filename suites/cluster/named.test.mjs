// A chart in clusters whose pods have addresses of their own, in namespaces that the tests make: by names, on the loopback device, and
// run by a user who has no rights over the machine. That nothing is left is seen in the namespaces that end with each.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { whyNot } from '../network/own-namespace.mjs';
import { beside, skip } from './cluster.mjs';

const run = promisify(execFile);
const reached = /^hello from shop-\w+-\w+ sesame\n$/;
const files = 'hellosesameprepared\n';
const program = `'${process.execPath}' '${beside('named.mjs')}'`;

test('pods reach services, and the API server, by names and cluster IPs', {
  skip: skip ?? whyNot('as root'),
}, async () => {
  const { clusterIp, name, fullName, port, ...rest } = await inNamespaces('namespaces');
  for (const answer of [clusterIp, name, fullName, port]) assert.match(answer, reached);
  assert.deepEqual(rest, { files, api: 'deployment.apps/shop\n' });
});

test('pods on the loopback device reach services by cluster IPs', { skip: skip ?? whyNot('as root') }, async () => {
  const { clusterIp, ...rest } = await inNamespaces('loopback');
  assert.match(clusterIp, reached);
  assert.deepEqual(rest, { files });
});

test('a user without rights has a cluster with names in namespaces of its own', {
  skip: skip ?? whyNot('rootless'),
}, async () => {
  const { stdout } = await run('sh', ['-c', `exec ${program} namespaces rootless`]);
  const { clusterIp, name, fullName, port, api, ...rest } = JSON.parse(stdout);
  for (const answer of [clusterIp, name, fullName, port]) assert.match(answer, reached);
  assert.deepEqual(rest, { files });
  if (process.getuid() !== 0) assert.equal(api, 'deployment.apps/shop\n');
});

/** Runs it in namespaces of its own; gives what it saw, when no device and no route of it is left there. */
async function inNamespaces(mode) {
  const left = `test -z "$(ip -4 route show table all proto 78; ip -brief link | grep '^n[kv][0-9]')"`;
  const line = `ip link set lo up && ${program} ${mode} && ${left}`;
  const { stdout } = await run('unshare', ['--net', '--mount', 'sh', '-c', line]);
  return JSON.parse(stdout);
}
