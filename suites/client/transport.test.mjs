// How a client reaches a server over the network: certificates, tokens, plugins, proxies, and connections that break.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { connect, isConnectionError } from 'nekube/client';
import { authority, breakOff, httpProxy, httpsServer, peerOf, socksProxy } from './https-server.mjs';

const Pod = { apiVersion: 'v1', kind: 'Pod' };
const home = mkdtempSync(join(tmpdir(), 'nekube-client-'));
const trusted = authority();
const file = (name, text, mode = 0o600) => {
  const path = join(home, name);
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
  return path;
};
after(() => rmSync(home, { recursive: true }));

/** A clock on which nothing has to be waited for. */
const hasty = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (_, call) => {
    const soon = setImmediate(call);
    return () => clearImmediate(soon);
  },
};

const answerJson = (response, value, code = 200) => {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};
const refuse = (response) =>
  answerJson(response, { kind: 'Status', status: 'Failure', reason: 'Unauthorized', code: 401 }, 401);

/** Runs `use` with a server and a client of it; `config` is what is special about the client. */
async function withServer(
  { http2 = false, certificate = trusted.server(), answer, options, config, connectOptions },
  use,
) {
  const server = await httpsServer(certificate, answer, options);
  const own = typeof config === 'function' ? config(server) : config;
  const client = await connect({
    config: { server: server.url, ca: { pem: trusted.ca }, ...own },
    env: {},
    http2,
    clock: hasty,
    ...(typeof connectOptions === 'function' ? connectOptions(server) : connectOptions),
  });
  try {
    await use(client, server);
  } finally {
    await client.close();
    await server.stop();
  }
}

/** Keeps a response in a set as long as somebody reads it. */
const holding = (open, response) => {
  open.add(response);
  response.on('close', () => open.delete(response));
};

const items = (names) => ({ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items: names });

/** A plugin that gives one status after the other. */
function plugin(name, statuses) {
  const counter = file(`${name}.count`, '0');
  const data = file(`${name}.json`, JSON.stringify(statuses));
  const apiVersion = 'client.authentication.k8s.io/v1';
  const program = `
    const fs = require('fs');
    const n = Number(fs.readFileSync(${JSON.stringify(counter)}));
    fs.writeFileSync(${JSON.stringify(counter)}, String(n + 1));
    const status = JSON.parse(fs.readFileSync(${JSON.stringify(data)}))[n];
    console.log(JSON.stringify({ kind: 'ExecCredential', apiVersion: '${apiVersion}', status }));`;
  const exec = {
    apiVersion,
    command: process.execPath,
    args: [file(`${name}.cjs`, program)],
    env: {},
    provideClusterInfo: false,
    interactiveMode: 'Never',
  };
  return { exec, next: () => Number(readFileSync(counter, 'utf8')) };
}

for (const http2 of [false, true])
  describe(http2 ? 'over HTTP/2' : 'over HTTP/1.1', () => {
    describe('the certificate of a server', () => {
      const answer = (_, response) => answerJson(response, items([]));
      const cases = [
        { name: 'is verified by the authority of the kubeconfig' },
        {
          name: 'is refused when it is of another',
          config: { ca: { pem: authority('other').ca } },
          fails: /unable to (verify|get)|signature/,
        },
        {
          name: 'is refused when it is of nobody known',
          config: { ca: undefined },
          fails: /unable to (verify|get)|self.signed/,
        },
        {
          name: 'is refused when it is for another name',
          hosts: ['k.test'],
          ips: [],
          fails: /does not match certificate|IP: 127.0.0.1 is not/,
        },
        {
          name: 'may be for another name that is stated',
          hosts: ['k.test'],
          ips: [],
          config: { serverName: 'k.test' },
        },
        { name: 'is not looked at where that is wanted', config: { ca: undefined, insecure: true } },
      ];
      for (const { name, config, hosts, ips, fails } of cases)
        test(name, () =>
          withServer({ http2, certificate: trusted.server(hosts, ips), answer, config }, async (client) => {
            if (fails === undefined) return assert.deepEqual((await client.list(Pod)).items, []);
            await assert.rejects(client.list(Pod), (e) => isConnectionError(e) && fails.test(e.message));
          }),
        );

      test('may itself be what is trusted, as in Go', () => {
        const certificate = trusted.server();
        return withServer({ http2, certificate, answer, config: { ca: { pem: certificate.cert } } }, async (client) => {
          assert.deepEqual((await client.list(Pod)).items, []);
        });
      });
    });

    describe('the certificate of a client', () => {
      const options = { requestCert: true, rejectUnauthorized: true, ca: trusted.ca };
      const answer = (request, response) => answerJson(response, { metadata: { name: peerOf(request) } });

      test('comes from files, which are read again for a new connection', () => {
        const [one, two] = [trusted.client('one'), trusted.client('two')];
        const [cert, key] = [file('u.crt', one.cert), file('u.key', one.key)];
        const config = { clientCertificate: { file: cert }, clientKey: { file: key } };
        return withServer({ http2, answer, options, config }, async (client, server) => {
          assert.equal((await client.get(Pod, { name: 'x' })).metadata.name, 'one');
          file('u.crt', two.cert);
          file('u.key', two.key);
          for (const socket of server.sockets) socket.destroy();
          assert.equal((await client.get(Pod, { name: 'x' })).metadata.name, 'two');
        });
      });

      test('that is not there is told with its file', () => {
        const config = { clientCertificate: { file: '/nowhere.crt' }, clientKey: { file: '/nowhere.key' } };
        return withServer({ http2, answer, options, config }, async (client) => {
          await assert.rejects(client.list(Pod), /ENOENT.*nowhere\.crt/);
        });
      });

      test('comes from a plugin, with new connections for a new one', () => {
        const [one, two] = [trusted.client('one'), trusted.client('two')];
        const status = ({ cert, key }) => ({ clientCertificateData: cert, clientKeyData: key });
        const { exec, next } = plugin('certs', [status(one), status(two)]);
        const asked = [];
        const refusing = (request, response) => {
          const CN = peerOf(request);
          asked.push(CN);
          if (CN === 'one' && asked.length > 1) refuse(response);
          else answerJson(response, { metadata: { name: CN } });
        };
        return withServer({ http2, answer: refusing, options, config: { exec } }, async (client) => {
          assert.equal((await client.get(Pod, { name: 'x' })).metadata.name, 'one');
          assert.equal((await client.get(Pod, { name: 'x' })).metadata.name, 'two');
          assert.deepEqual(asked, ['one', 'one', 'two']);
          assert.equal(next(), 2);
        });
      });
    });

    describe('a token', () => {
      /** A server that knows one token, which `current` gives. */
      const knowing = (current) => (request, response) =>
        request.headers.authorization === `Bearer ${current()}` ? answerJson(response, items([])) : refuse(response);

      test('in a file is read again when it is refused, and the request made again', () => {
        const tokenFile = file('token', 'one');
        let good = 'one';
        return withServer({ http2, answer: knowing(() => good), config: { tokenFile } }, async (client) => {
          await client.list(Pod);
          good = 'two';
          file('token', 'two');
          await client.list(Pod);
          good = 'three';
          await assert.rejects(client.list(Pod), { name: 'StatusError' });
        });
      });

      test('of a plugin is asked for again when it is refused', () => {
        const { exec, next } = plugin('tokens', [{ token: 'one' }, { token: 'two' }]);
        let good = 'one';
        return withServer({ http2, answer: knowing(() => good), config: { exec } }, async (client) => {
          await Promise.all([client.list(Pod), client.list(Pod)]);
          assert.equal(next(), 1);
          good = 'two';
          await Promise.all([client.list(Pod), client.list(Pod)]);
          assert.equal(next(), 2);
        });
      });

      test('of a plugin that is missing is an error that says how to get it', () => {
        const { exec } = plugin('none', []);
        const config = { exec: { ...exec, command: 'nekube-no-such-plugin', installHint: 'Install it.' } };
        return withServer({ http2, answer: knowing(() => ''), config }, async (client) => {
          await assert.rejects(client.list(Pod), /exec: executable nekube-no-such-plugin not found\n\nInstall it\./);
        });
      });

      test('stands in no error', () => {
        const answer = (request) => breakOff(request);
        return withServer({ http2, answer, config: { token: 'verysecret' } }, async (client) => {
          const error = await client.create({ ...Pod, metadata: { name: 'a' } }).catch((e) => e);
          const { inspect } = await import('node:util');
          assert.doesNotMatch(inspect(error, { depth: 20, showHidden: true }), /verysecret/);
        });
      });

      test('and a user with a password', () => {
        const answer = (request, response) =>
          answerJson(response, { metadata: { name: request.headers.authorization } });
        return withServer({ http2, answer, config: { username: 'jö', password: 'a:b' } }, async (client) => {
          const { metadata } = await client.get(Pod, { name: 'x' });
          assert.equal(Buffer.from(metadata.name.slice(6), 'base64').toString(), 'jö:a:b');
        });
      });
    });

    describe('a proxy', () => {
      const certificate = trusted.server(['k.test'], []);
      const body = gzipSync(JSON.stringify(items([{ metadata: { name: 'a' } }])));
      const answer = (request, response) => {
        if (!/gzip/.test(request.headers['accept-encoding'] ?? '')) return answerJson(response, items([]));
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(body);
      };
      const kTest = { server: 'https://k.test:6443' };

      const throughProxy = async (make, config, env, use) => {
        let proxy;
        const server = await httpsServer(certificate, answer);
        try {
          proxy = await make(server.port);
          const client = await connect({
            config: { ...kTest, ca: { pem: trusted.ca }, ...config(proxy) },
            env: env(proxy),
            http2,
            clock: hasty,
          });
          await use(client, proxy).finally(() => client.close());
        } finally {
          await proxy?.stop();
          await server.stop();
        }
      };
      const none = () => ({});

      test('of the kubeconfig is connected through, with its user; and large answers come compressed', () =>
        throughProxy(
          (port) => httpProxy(port),
          (proxy) => ({ proxyUrl: `http://u:p%40@127.0.0.1:${proxy.port}` }),
          none,
          async (client, proxy) => {
            assert.deepEqual((await client.list(Pod)).items.length, 1);
            const login = `Basic ${Buffer.from('u:p@').toString('base64')}`;
            assert.deepEqual(proxy.said, [{ target: 'k.test:6443', login }]);
          },
        ));

      test('of the environment is connected through', () =>
        throughProxy(
          (port) => httpProxy(port),
          () => ({ disableCompression: true }),
          (proxy) => ({ https_proxy: `127.0.0.1:${proxy.port}` }),
          async (client, proxy) => {
            assert.deepEqual((await client.list(Pod)).items, []);
            assert.equal(proxy.said.length, 1);
          },
        ));

      test('that refuses is told, without its password', () =>
        throughProxy(
          (port) => httpProxy(port, { refuse: '407 Proxy Authentication Required' }),
          (proxy) => ({ proxyUrl: `http://u:verysecret@127.0.0.1:${proxy.port}` }),
          none,
          async (client) => {
            await assert.rejects(client.list(Pod), (e) => {
              assert.match(e.message, /proxy http:\/\/127\.0\.0\.1:\d+: it refuses to connect to k\.test:6443: 407/);
              return !/verysecret/.test(e.message);
            });
          },
        ));

      test('of SOCKS5 is connected through, with its user', () =>
        throughProxy(
          (port) => socksProxy(port, { user: 'u:p' }),
          (proxy) => ({ proxyUrl: `socks5://u:p@127.0.0.1:${proxy.port}` }),
          none,
          async (client, proxy) => {
            await client.list(Pod);
            assert.deepEqual(proxy.said, ['k.test:6443']);
          },
        ));

      test('of SOCKS5 that refuses its user is told', () =>
        throughProxy(
          (port) => socksProxy(port, { user: 'u:p' }),
          (proxy) => ({ proxyUrl: `socks5://u:wrong@127.0.0.1:${proxy.port}` }),
          none,
          (client) => assert.rejects(client.list(Pod), /it refuses its user/),
        ));
    });

    describe('a connection', () => {
      test('that breaks is made again for a read, and not for a write', () => {
        let requests = 0;
        const answer = (request, response) =>
          ++requests % 2 === 1 ? breakOff(request) : answerJson(response, items([]));
        return withServer({ http2, answer }, async (client) => {
          await client.list(Pod);
          assert.equal(requests, 2);
          await assert.rejects(client.create({ ...Pod, metadata: { name: 'a' } }), isConnectionError);
          assert.equal(requests, 3);
        });
      });

      test('is kept for the next request', () => {
        const ports = new Set();
        const answer = (request, response) => (ports.add(request.socket.remotePort), answerJson(response, items([])));
        return withServer({ http2, answer }, async (client) => {
          for (let i = 0; i < 5; i++) await client.list(Pod);
          // the next request may be there before the last one has quite ended
          assert.ok(ports.size <= 2, `${ports.size} connections`);
        });
      });

      test('to nobody is refused, with the address', async () => {
        const server = await httpsServer(trusted.server(), () => {});
        await server.stop();
        const client = await connect({ config: { server: server.url }, env: {}, http2 });
        await assert.rejects(client.list(Pod), {
          name: 'ConnectionError',
          message: `Cannot GET ${server.url}/api/v1/pods: connect ECONNREFUSED 127.0.0.1:${server.port}`,
        });
        await client.close();
      });

      test('may lead to a server below a path', () => {
        const answer = (request, response) => answerJson(response, { metadata: { name: request.url } });
        return withServer(
          { http2, answer, config: (server) => ({ server: `${server.url}/k8s/c-1/` }) },
          async (client) => {
            assert.equal(
              (await client.get(Pod, { name: 'x' })).metadata.name,
              '/k8s/c-1/api/v1/namespaces/default/pods/x',
            );
          },
        );
      });

      test('carries names of any language, and several groups', () => {
        const answer = (request, response) => answerJson(response, { metadata: {}, raw: request.rawHeaders });
        return withServer({ http2, answer }, async (client) => {
          const other = client.with({ impersonate: { user: '語', groups: ['a', 'b'] } });
          const { raw } = await other.get(Pod, { name: 'x' });
          const all = raw.flatMap((name, i) =>
            name.startsWith('impersonate') ? [[name, Buffer.from(raw[i + 1], 'latin1').toString()]] : [],
          );
          assert.deepEqual(all, [
            ['impersonate-user', '語'],
            ['impersonate-group', 'a'],
            ['impersonate-group', 'b'],
          ]);
        });
      });

      test('tells headers apart that come several times', () => {
        const sent = ['299 - "one"', '299 - "two"'];
        const answer = (_, response) => {
          response.setHeader('warning', sent);
          answerJson(response, items([]));
        };
        return withServer({ http2, answer }, async ({ transport }) => {
          const { headers, body } = await transport.send({ method: 'GET', path: '/', headers: {} });
          await body[Symbol.asyncIterator]().next();
          assert.deepEqual(headers.warning, sent);
        });
      });

      test('is not missed by requests, however many watches there are; and close ends all at once', () => {
        const watching = new Set();
        const answer = (request, response) => {
          if (!request.url.includes('watch=true')) return answerJson(response, items([]));
          response.writeHead(200, { 'content-type': 'application/json' });
          response.write('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n');
          watching.add(response);
          response.on('close', () => watching.delete(response));
        };
        return withServer({ http2, answer }, async (client) => {
          const first = [];
          const ends = Array.from({ length: 200 }, () => {
            const watch = client.watch(Pod);
            first.push(watch.next());
            return watch;
          });
          for (const { value } of await Promise.all(first)) assert.equal(value.type, 'ADDED');
          assert.equal(watching.size, 200);
          await Promise.all(Array.from({ length: 300 }, () => client.list(Pod)));
          const ended = ends.map((watch) =>
            watch.next().then(
              () => 'went on',
              (e) => e.message,
            ),
          );
          await client.close();
          for (const message of await Promise.all(ended)) assert.match(message, /the client was closed/);
          await assert.rejects(client.list(Pod), /the client was closed/);
        });
      });

      test('is given up with its reason, before its answer and in it', () => {
        const open = new Set();
        const answer = (request, response) => {
          holding(open, response);
          if (!request.url.includes('watch')) return;
          response.writeHead(200).write('{"type":"ADDED","object":{"metadata":{}}}\n');
        };
        return withServer({ http2, answer }, async (client) => {
          const reason = new Error('enough');
          const controller = new AbortController();
          const watch = client.watch(Pod, { signal: controller.signal });
          await watch.next();
          const outcomes = [watch.next(), client.list(Pod, { signal: controller.signal })];
          setImmediate(() => controller.abort(reason));
          for (const outcome of outcomes) await assert.rejects(outcome, reason);
          while (open.size > 0) await sleep(5);
        });
      });

      test('of a watch that is left is closed', () => {
        const open = new Set();
        return withServer(
          {
            http2,
            answer: (_, response) => {
              holding(open, response);
              response.writeHead(200);
              response.write('{"type":"ADDED","object":{"metadata":{}}}\n'.repeat(3));
            },
          },
          async (client) => {
            for await (const { type } of client.watch(Pod)) {
              assert.equal(type, 'ADDED');
              break;
            }
            while (open.size > 0) await sleep(5);
          },
        );
      });
    });
  });

describe('a server that says GOAWAY', () => {
  test('keeps the watch that runs, and gets the next requests on another connection', () => {
    const sessions = new Set();
    let tell;
    const answer = (request, response) => {
      sessions.add(request.stream.session);
      if (!request.url.includes('watch')) return answerJson(response, items([]));
      response.writeHead(200);
      tell = (name) => response.write(`{"type":"ADDED","object":{"metadata":{"name":"${name}"}}}\n`);
      tell('one');
    };
    return withServer({ http2: true, answer }, async (client) => {
      const watch = client.watch(Pod);
      assert.equal((await watch.next()).value.object.metadata.name, 'one');
      await client.list(Pod);
      assert.equal(sessions.size, 2);
      for (const session of sessions) session.goaway();
      tell('two');
      assert.equal((await watch.next()).value.object.metadata.name, 'two');
      await client.list(Pod);
      await client.create({ ...Pod, metadata: { name: 'a' } });
      assert.equal(sessions.size, 3);
      tell('three');
      assert.equal((await watch.next()).value.object.metadata.name, 'three');
    });
  });

  for (const { refusals, name } of [
    { refusals: 2, name: 'gets a write again that it has not looked at' },
    { refusals: Number.POSITIVE_INFINITY, name: 'gets it seven times, and then its sender hears of it' },
  ])
    test(name, () => {
      let asked = 0;
      const answer = (request, response) => {
        if (asked++ < refusals) request.stream.close(constants.NGHTTP2_REFUSED_STREAM);
        else answerJson(response, { ...Pod, metadata: { name: 'a' } });
      };
      return withServer({ http2: true, answer }, async (client) => {
        const created = client.create({ ...Pod, metadata: { name: 'a' } });
        if (refusals === 2) assert.equal((await created).metadata.name, 'a');
        else await assert.rejects(created, /refused the request before it looked at it/);
        assert.equal(asked, Math.min(refusals, 6) + 1);
      });
    });
});
