import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type Status, StatusError } from 'nekube/apimachinery';
import { sendFailure } from './answers.ts';

const CODES: readonly (readonly [said: unknown, answered: number])[] = [
  [404, 404],
  [599, 599],
  [99_999, 500],
  [0, 500],
  ['x', 500],
  [42, 500],
  [101, 500],
  [204, 500],
  [undefined, 500],
];

test('a failure is answered whatever code a cluster says it has', async () => {
  const said = CODES.map(([code]) => code);
  const server = createServer((_, response) => {
    const status = { kind: 'Status', status: 'Failure', message: 'odd', code: said.shift() };
    sendFailure(response, new StatusError(status as Status));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    for (const [code, answered] of CODES) {
      const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(60_000) });
      assert.equal(response.status, answered, String(code));
      assert.equal(((await response.json()) as Status).message, 'odd');
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
