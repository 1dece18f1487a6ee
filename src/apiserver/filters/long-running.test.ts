import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRequestInfo } from '../request-info.ts';
import { isLongRunning } from './long-running.ts';

const cases: readonly [method: string, target: string, expected: boolean][] = [
  ['GET', '/api/v1/pods?watch=1', true],
  ['GET', '/api/v1/watch/pods', true],
  ['GET', '/api/v1/namespaces/a/pods/p/log', true],
  ['POST', '/api/v1/namespaces/a/pods/p/exec', true],
  ['POST', '/api/v1/namespaces/a/pods/p/portforward', true],
  ['GET', '/api/v1/nodes/n/proxy/metrics', true],
  ['GET', '/api/v1/pods', false],
  ['GET', '/api/v1/namespaces/a/pods/p/status', false],
  ['POST', '/api/v1/namespaces/a/pods?watch=1', false],
  ['GET', '/log', false],
];

for (const [method, target, expected] of cases) {
  test(`${method} ${target} ${expected ? 'runs' : 'does not run'} long`, () => {
    const { pathname, searchParams } = new URL(target, 'https://x');
    assert.equal(isLongRunning(parseRequestInfo(method, pathname, searchParams)), expected);
  });
}
