import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { routeTo } from '../testing/models.ts';
import { ask, eventually, startBackend, startWorld } from '../testing/world.ts';
import { compileFormat, operatorsOf } from './format.ts';

test('formats are filled in, with dashes and nulls for what is not known, and no lines of clients', () => {
  const facts = {
    value: (name: string, argument: string) =>
      ({ RESPONSE_CODE: 200, REQ: argument === 'X' ? 'a\nb' : undefined })[name as 'REQ'],
  };
  const text = compileFormat({ text: '%REQ(X)% %REQ(X):1% %REQ(Y)% 100%% %RESPONSE_CODE%\n' });
  assert.equal(text(facts), 'a b a - 100% 200\n');
  const json = compileFormat({ json: { z: '%RESPONSE_CODE%', a: '%REQ(Y)%', m: 'code %RESPONSE_CODE%' } });
  assert.equal(json(facts), '{"a":null,"m":"code 200","z":200}\n');
  assert.deepEqual(operatorsOf({ text: '%A% %B(c)%' }), ['A', 'B']);
});

test('each request has its line, without tokens and keys', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nekube-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'access.log');
  const backend = await startBackend(t, 'a', (_request, response) => response.end('hello'));
  const format =
    '%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% ' +
    '%REQ(AUTHORIZATION)% %REQ(NONE?USER-AGENT)% %ROUTE_NAME% %UPSTREAM_HOST%';
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { prefix: '/a', name: 'shop' }), routeTo('b', { prefix: '/b', name: 'none' })],
    backends: [
      { name: 'a', ports: [backend] },
      { name: 'b', ports: [] },
    ],
    settings: { accessLogs: [{ sink: { type: 'File', path }, format: { text: format } }] },
  });
  const headers = { 'user-agent': 'me', authorization: 'Bearer secret' };
  await ask(port, '/a?access_token=secret&x=1', { method: 'POST', body: 'abc', headers });
  await ask(port, '/b');
  await ask(port, '/c');
  const lines = (): string[] => readFileSync(path, 'utf8').trim().split('\n');
  await eventually(() => statSync(path, { throwIfNoEntry: false }) !== undefined && lines().length === 3);
  assert.deepEqual(lines(), [
    `POST /a?access_token=-&x=1 200 - 3 5 - me shop 127.0.0.1:${backend}`,
    'GET /b 503 UH 0 19 - - none -',
    'GET /c 404 NR 0 0 - - - -',
  ]);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});
