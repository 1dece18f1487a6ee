// A real Envoy that gets its configuration from a server of xDS, and what its admin endpoint says.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realEnvoy } from '../../tools/envoy.mjs';

export const { envoy: program, skip } = realEnvoy();

/** Waits until `check` gives something true, and gives that; fails with what it gave or threw last. */
export async function eventually(what, check, forMs = 30_000) {
  let last;
  for (const until = Date.now() + forMs; Date.now() < until; ) {
    try {
      const got = await check();
      if (got) return got;
      last = got;
    } catch (error) {
      last = error.message;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`not in time: ${what} (${typeof last === 'string' ? last : JSON.stringify(last)})`);
}

/**
 * Starts Envoy with a bootstrap that asks a server of xDS for everything.
 *
 * @param options `{id, server: {path} | {host, port}, protocol: 'world'|'delta', tls?: {ca, cert, key}}`
 * @returns `{get(path), stat(name), dir, stop()}`: what the admin endpoint answers, and one counter
 */
export async function startEnvoy(options) {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-envoy-'));
  const admin = join(dir, 'admin.sock');
  writeFileSync(join(dir, 'bootstrap.json'), JSON.stringify(bootstrap(options, dir, admin)));
  const args = ['--config-path', join(dir, 'bootstrap.json'), '--use-dynamic-base-id', '--concurrency', '1'];
  const child = spawn(program, [...args, '--log-level', 'warning', '--log-path', join(dir, 'log')], {
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const log = () => readFileSync(join(dir, 'log'), 'utf8');
  const get = (path) => getText(admin, path);
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await eventually('Envoy answers', () => {
      if (child.exitCode !== null) throw new Error(log());
      return get('/server_info');
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const stat = async (name) => Number(/: (\d+)/.exec(await get(`/stats?filter=^${name}$`))?.[1] ?? 0);
  return { get, stat, log, dir, stop };
}

function getText(socketPath, path) {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

function bootstrap({ id, server, protocol, tls }, dir, admin) {
  const ads = { ads: {}, resource_api_version: 'V3', initial_fetch_timeout: '0s' };
  const address = server.path
    ? { pipe: { path: server.path } }
    : { socket_address: { address: server.host, port_value: server.port } };
  return {
    node: { id, cluster: 'suite' },
    admin: { address: { pipe: { path: admin } } },
    dynamic_resources: {
      ads_config: {
        api_type: protocol === 'delta' ? 'DELTA_GRPC' : 'GRPC',
        transport_api_version: 'V3',
        set_node_on_first_message_only: true,
        grpc_services: [{ envoy_grpc: { cluster_name: 'xds' } }],
      },
      lds_config: ads,
      cds_config: ads,
    },
    static_resources: {
      clusters: [
        {
          name: 'xds',
          type: 'STATIC',
          connect_timeout: '1s',
          typed_extension_protocol_options: {
            'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
              '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
              explicit_http_config: { http2_protocol_options: {} },
            },
          },
          load_assignment: { cluster_name: 'xds', endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
          ...(tls && { transport_socket: transportSocket(tls, dir) }),
        },
      ],
    },
  };
}

function transportSocket({ ca, cert, key }, dir) {
  const file = (name, text) => {
    writeFileSync(join(dir, name), text, { mode: 0o600 });
    return { filename: join(dir, name) };
  };
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
      common_tls_context: {
        tls_certificates: [{ certificate_chain: file('cert.pem', cert), private_key: file('key.pem', key) }],
        validation_context: { trusted_ca: file('ca.pem', ca) },
      },
    },
  };
}
