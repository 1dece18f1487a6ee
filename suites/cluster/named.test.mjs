// Services and the API server are reached by their names from pods with addresses of their own, in namespaces that the test makes.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { whyNot } from '../network/own-namespace.mjs';
import { beside, skip } from './cluster.mjs';

const run = promisify(execFile);

test('pods reach services, and the API server, by names and cluster IPs', {
  skip: skip ?? whyNot('as root'),
}, async () => {
  const line = `ip link set lo up && exec '${process.execPath}' '${beside('named.mjs')}'`;
  const { stdout } = await run('unshare', ['--net', '--mount', 'sh', '-c', line]);
  const { clusterIp, name, fullName, port, ...rest } = JSON.parse(stdout);
  for (const answer of [clusterIp, name, fullName, port]) assert.match(answer, /^hello from shop-\w+-\w+ sesame\n$/);
  assert.deepEqual(rest, { files: 'hellosesameprepared\n', terminal: 7, api: 'deployment.apps/shop\n' });
});
