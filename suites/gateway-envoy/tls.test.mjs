// TLS on both sides of a real Envoy: by server name, with clients' certificates, and what backends must show.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttps, request } from 'node:https';
import { test } from 'node:test';
import { connect as connectTls, createServer as createTls } from 'node:tls';
import { newAuthority } from './authority.mjs';
import {
  ask,
  freePort,
  httpListener,
  listening,
  modelOf,
  route,
  serve,
  skip,
  startEcho,
  startPlane,
} from './world.mjs';

test('TLS on a real Envoy', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t);
  const port = await freePort();
  const authority = newAuthority('authority');
  const stranger = newAuthority('stranger');
  const [shop, pass, clientCert] = [
    authority.issue('shop.example', ['shop.example', '*.shop.example']),
    authority.issue('pass.example', ['pass.example']),
    authority.issue('client'),
  ];
  const echo = await startEcho(t, 'plain');
  const secret = (name, { cert, key }) => [
    `secret/default/${name}`,
    { kind: 'certificate', name: `secret/default/${name}`, chain: cert, privateKey: key },
  ];
  const ca = (name, { cert }) => [`ca/default/${name}`, { kind: 'ca', name: `ca/default/${name}`, bundle: cert }];
  const secrets = Object.fromEntries([
    secret('shop', shop),
    secret('client', clientCert),
    ca('one', authority),
    ca('two', stranger),
  ]);

  const tlsBackend = (t2, options, answer) => listening(t2, createHttps(options, answer));
  const terminated = (more = {}) => {
    const listener = httpListener(port, [route('/', 'plain')]);
    const [chain] = listener.chains;
    return { ...listener, chains: [{ ...chain, tls: { certificates: ['secret/default/shop'], ...more } }] };
  };

  await t.test('a chain is chosen by the name that is asked for: terminated or passed through', async (t2) => {
    const server = createTls({ cert: pass.cert, key: pass.key.reveal() }, (socket) => socket.end('passed through'));
    const backend = await listening(t2, server);
    const listener = terminated();
    const [chain] = listener.chains;
    const source = chain.source;
    const stream = { name: 'tlsroute/default/p/rule/0', source, backends: [{ weight: 1, backend: 'pass', source }] };
    const chains = [
      { name: `${chain.name}/pass`, source, serverNames: ['pass.example'], stream },
      { ...chain, name: `${chain.name}/shop`, serverNames: ['*.shop.example', 'shop.example'] },
    ];
    const backends = { plain: { ports: [echo.port] }, pass: { ports: [backend.port], protocol: 'TCP' } };
    await serve(world, modelOf({ listeners: [{ ...listener, chains }], backends, secrets }));
    const a = await askTls(port, '/', { servername: 'a.shop.example', ca: authority.cert });
    assert.equal(a.json.name, 'plain');
    assert.equal(a.json.headers['x-forwarded-proto'], 'https');
    assert.equal(await readTls(port, { servername: 'pass.example', ca: authority.cert }), 'passed through');
    await assert.rejects(askTls(port, '/', { servername: 'other.example', ca: authority.cert }));
  });

  await t.test('clients must show a certificate of one of the authorities', async () => {
    const clientValidation = { ca: ['ca/default/one', 'ca/default/two'], mode: 'AllowValidOnly' };
    await serve(
      world,
      modelOf({ listeners: [terminated({ clientValidation })], backends: { plain: { ports: [echo.port] } }, secrets }),
    );
    const options = { servername: 'shop.example', ca: authority.cert };
    const unknown = newAuthority('unknown').issue('client');
    const shown = ({ cert, key }) => ({ ...options, cert, key: key.reveal() });
    assert.equal((await askTls(port, '/', shown(clientCert))).status, 200);
    assert.equal((await askTls(port, '/', shown(stranger.issue('client')))).status, 200);
    await assert.rejects(askTls(port, '/', options));
    await assert.rejects(askTls(port, '/', shown(unknown)));
    const insecure = { ca: ['ca/default/one'], mode: 'AllowInsecureFallback' };
    await serve(
      world,
      modelOf({
        listeners: [terminated({ clientValidation: insecure })],
        backends: { plain: { ports: [echo.port] } },
        secrets,
      }),
    );
    assert.equal((await askTls(port, '/', options)).status, 200);
    assert.equal((await askTls(port, '/', shown(unknown))).status, 200);
  });

  await t.test('a backend must be whom its policy names, and is shown who the gateway is', async (t2) => {
    const asked = [];
    const options = {
      cert: shop.cert,
      key: shop.key.reveal(),
      ca: authority.cert,
      requestCert: true,
      rejectUnauthorized: false,
    };
    const backend = await tlsBackend(t2, options, (req, response) => {
      asked.push({ name: req.socket.servername, peer: req.socket.getPeerCertificate().subject?.CN });
      response.end('{}');
    });
    const tls = (more) => ({
      ports: [backend.port],
      tls: { hostname: 'shop.example', ca: ['ca/default/one'], ...more },
    });
    const backends = {
      right: tls({ clientCertificate: 'secret/default/client' }),
      wrongName: tls({ hostname: 'other.example' }),
      wrongCa: tls({ ca: ['ca/default/two'] }),
      system: tls({ ca: 'System' }),
      otherName: tls({
        hostname: 'sni.example',
        subjectAltNames: [
          { type: 'URI', value: 'spiffe://x/y' },
          { type: 'Hostname', value: 'a.shop.example' },
        ],
      }),
    };
    const routes = Object.keys(backends).map((name) => route(`/${name}`, name));
    await serve(world, modelOf({ listeners: [httpListener(port, routes)], backends, secrets }));
    const status = async (name) => (await ask(port, `/${name}`)).status;
    assert.deepEqual(await Promise.all(Object.keys(backends).map(status)), [200, 503, 503, 503, 200]);
    assert.ok(asked.some(({ name, peer }) => name === 'shop.example' && peer === 'client'));
    assert.ok(asked.some(({ name }) => name === 'sni.example'));
  });
});

/** A request over TLS; `options.servername` is also the host. */
function askTls(port, path, options) {
  return new Promise((resolve, reject) => {
    const headers = { host: options.servername };
    const asked = request({ host: '127.0.0.1', port, path, headers, agent: false, ...options }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode, body, json: body === '' ? undefined : JSON.parse(body) }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function readTls(port, options) {
  const socket = connectTls({ host: '127.0.0.1', port, ...options });
  let text = '';
  socket.on('data', (chunk) => (text += chunk));
  await once(socket, 'end');
  return text;
}
