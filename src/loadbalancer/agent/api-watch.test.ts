import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newForbidden } from 'nekube/apimachinery';
import { ConnectionError, FakeClock } from 'nekube/client';
import { ApiWatch, troubleText } from './api-watch.ts';

const failure = (cause: string, path = '/api/v1/nodes') =>
  new ConnectionError('https://10.0.0.1:6443', { method: 'GET', path }, new Error(cause));
const REFUSED = 'connect ECONNREFUSED 10.0.0.1:6443';

for (const { cause, remedy } of [
  { cause: REFUSED, remedy: /Nobody listens there/ },
  { cause: 'getaddrinfo ENOTFOUND api.example', remedy: /Its name is not resolved here/ },
  { cause: 'connect EHOSTUNREACH 10.0.0.1:6443', remedy: /It is not reached from here/ },
  { cause: 'self-signed certificate in certificate chain', remedy: /certificate-authority/ },
  { cause: 'something else', remedy: /the one that --kubeconfig names/ },
])
  test(`that the API server does not answer is told with its address, the cause and what helps: ${cause}`, () => {
    const line = troubleText(failure(cause)) ?? '';
    assert.ok(line.startsWith(`The API server https://10.0.0.1:6443 does not answer: ${cause}; packets are balanced`));
    assert.match(line, remedy);
    assert.doesNotMatch(line, /\n/);
  });

test('that it refuses an agent is told with what it must be allowed', () => {
  const refusal = newForbidden({ group: '', resource: 'nodes' }, '', 'User "lb" cannot list resource "nodes"');
  assert.match(troubleText(refusal) ?? '', /^The API server refuses this agent: nodes is forbidden: .*; packets are/);
});

test('what says nothing of the API server is for others to tell', () => {
  assert.equal(troubleText(new TypeError('a mistake')), undefined);
});

test('many failures are one line, which comes again less and less often, until it is over', async () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  let isUp = false;
  const watch = new ApiWatch({
    clock,
    ask: () => (isUp ? Promise.resolve() : Promise.reject(failure(REFUSED, '/api/v1/services'))),
    warn: (line) => lines.push(line.replace(/^.*; asked/, 'asked')),
    info: (line) => lines.push(line),
  });
  for (let i = 0; i < 20; i++) assert.ok(watch.hears(failure(REFUSED)));
  assert.deepEqual(lines, ['asked again in 2 s']);
  await clock.advance(2000 + 4000);
  assert.deepEqual(lines.slice(1), ['asked again in 4 s', 'asked again in 8 s']);
  isUp = true;
  await clock.advance(8000);
  assert.deepEqual(lines.slice(3), ['The API server answers again, after 14 s: what has changed is followed']);
  assert.ok(watch.hears(failure(REFUSED)));
  assert.equal(lines.length, 5);
  watch.close();
});
