// Requests that a client sends on one connection without waiting for answers take effect in their order.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { startNekube } from '../servers.mjs';

let server;
before(async () => {
  server = await startNekube();
});
after(() => server.stop());

const path = '/api/v1/namespaces/default/configmaps';

function request(method, target, body) {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type = text && 'content-type: application/json\r\n';
  return `${method} ${target} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.token}\r\n${type}content-length: ${text.length}\r\n\r\n${text}`;
}

/** Sends everything at once, and gives the status codes in the order of their arrival. */
function pipeline(requests) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
    let text = '';
    socket.setTimeout(20_000, () => socket.destroy(new Error(`no answer any more after: ${text}`)));
    socket.on('error', reject);
    socket.on('secureConnect', () => socket.write(requests.join('')));
    socket.on('data', (chunk) => {
      text += chunk;
      const codes = [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map((match) => Number(match[1]));
      if (codes.length < requests.length) return;
      socket.destroy();
      resolve(codes);
    });
  });
}

test('requests pipelined on one connection are served in turn', async () => {
  const create = (name) => request('POST', path, { metadata: { name } });
  const get = (name) => request('GET', `${path}/${name}`);
  const codes = await pipeline([
    create('p1'),
    get('p1'),
    create('p2'),
    request('DELETE', `${path}/p1`),
    get('p1'),
    get('p2'),
  ]);
  assert.deepEqual(codes, [201, 200, 201, 200, 404, 200]);
});
