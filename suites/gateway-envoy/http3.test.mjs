// HTTP/3: another Envoy is the client, since Node has none.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { test } from 'node:test';
import { newAuthority } from './authority.mjs';
import {
  ask,
  envoy,
  eventually,
  freePort,
  httpListener,
  modelOf,
  route,
  serve,
  skip,
  startEcho,
  startPlane,
} from './world.mjs';

const TYPES = 'type.googleapis.com/envoy.extensions';
const authority = newAuthority('authority');

/** An Envoy that sends what comes to a port on by HTTP/3. */
function clientBootstrap(port, to) {
  const manager = {
    '@type': `${TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'client',
    route_config: {
      virtual_hosts: [
        { name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'gateway' } }] },
      ],
    },
    http_filters: [
      { name: 'envoy.filters.http.router', typed_config: { '@type': `${TYPES}.filters.http.router.v3.Router` } },
    ],
  };
  const address = (port_value) => ({ socket_address: { address: '127.0.0.1', port_value } });
  const tls = {
    sni: 'it.example',
    common_tls_context: { validation_context: { trusted_ca: { inline_string: authority.cert } } },
  };
  return {
    static_resources: {
      listeners: [
        {
          name: 'client',
          address: address(port),
          filter_chains: [
            { filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] },
          ],
        },
      ],
      clusters: [
        {
          name: 'gateway',
          load_assignment: {
            cluster_name: 'gateway',
            endpoints: [{ lb_endpoints: [{ endpoint: { address: address(to) } }] }],
          },
          typed_extension_protocol_options: {
            'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
              '@type': `${TYPES}.upstreams.http.v3.HttpProtocolOptions`,
              explicit_http_config: { http3_protocol_options: {} },
            },
          },
          transport_socket: {
            name: 'envoy.transport_sockets.quic',
            typed_config: {
              '@type': `${TYPES}.transport_sockets.quic.v3.QuicUpstreamTransport`,
              upstream_tls_context: tls,
            },
          },
        },
      ],
    },
  };
}

test('HTTP/3 on a real Envoy', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t, { concurrency: 1 });
  const echo = await startEcho(t, 'one');
  const [port, clientPort] = [await freePort(), await freePort()];
  const { cert, key } = authority.issue('it.example', ['it.example']);
  const secrets = { it: { kind: 'certificate', name: 'it', chain: cert, privateKey: key } };
  const log = `${world.folder}/access.log`;
  const settings = {
    http3: true,
    accessLogs: [{ sink: { type: 'File', path: log }, format: { text: '%REQ(:PATH)% %PROTOCOL%' } }],
  };
  const listener = httpListener(port, [route('/', 'one')], { settings, chain: { tls: { certificates: ['it'] } } });
  await serve(world, modelOf({ listeners: [listener], backends: { one: { ports: [echo.port] } }, secrets }));

  const bootstrap = `${world.folder}/client.json`;
  writeFileSync(bootstrap, JSON.stringify(clientBootstrap(clientPort, port)));
  const args = ['--config-path', bootstrap, '--disable-hot-restart', '--concurrency', '1', '--log-level', 'critical'];
  const child = spawn(envoy, args, { stdio: 'ignore' });
  t.after(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  await t.test('requests come over it', async () => {
    const { status, json } = await eventually(async () => {
      const answer = await ask(clientPort, '/three');
      return answer.status === 200 && answer;
    });
    assert.equal(status, 200);
    assert.equal(json.name, 'one');
    await eventually(() => readFileSync(log, 'utf8').includes('/three HTTP/3\n'));
  });

  await t.test('and it is announced to those who come otherwise', async () => {
    const asked = request({
      host: '127.0.0.1',
      port,
      servername: 'it.example',
      ca: authority.cert,
      agent: false,
    }).end();
    const [answer] = await once(asked, 'response');
    answer.resume();
    assert.match(answer.headers['alt-svc'], new RegExp(`h3=":${port}"`));
  });
});
