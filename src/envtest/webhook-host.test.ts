import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { PrivatePorts } from 'nekube/network';
import { start } from './start.ts';
import type { CalledWebhook, WebhookHandler } from './webhook-host.ts';

const configuration = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: judge}
webhooks:
- name: judge.test.nekube.dev
  admissionReviewVersions: [v1]
  sideEffects: None
  clientConfig: {service: {namespace: system, name: judge, path: /judge}}
  rules:
  - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
`;
const configMap = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
});

/** Allows what is not called `bad`. */
function judged(body: Uint8Array): JsonObject {
  const { request } = JSON.parse(Buffer.from(body).toString());
  const allowed = request.name !== 'bad';
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: request.uid, allowed, status: { message: 'it is bad' } },
  };
}

for (const level of ['fake', 'envtest'] as const)
  describe(`webhooks at level ${level}`, () => {
    test('are answered in the process of the test, by their path', async () => {
      const paths: string[] = [];
      const webhookHandler: WebhookHandler = async ({ path, body }) => {
        paths.push(path);
        return { status: 200, body: judged(body) };
      };
      await using env = await start({ level, webhooks: [configuration], webhookHandler });
      await env.client.create(configMap('good'));
      await assert.rejects(
        env.client.create(configMap('bad')),
        /"judge\.test\.nekube\.dev" denied the request: it is bad/,
      );
      assert.deepEqual(paths, ['/judge', '/judge']);
    });

    test('fail with the words of a handler that throws', async () => {
      const webhookHandler: WebhookHandler = () => Promise.reject(new Error('a mistake of the test'));
      await using env = await start({ level, webhooks: [configuration], webhookHandler });
      await assert.rejects(env.client.create(configMap('good')), /failed calling webhook .*: a mistake of the test/);
    });

    test('fail while nobody answers', async () => {
      await using env = await start({ level, webhooks: [configuration] });
      await assert.rejects(env.client.create(configMap('good')), /failed calling webhook "judge\.test\.nekube\.dev"/);
    });
  });

test('a server of the test gets the port, and a certificate that is trusted', async () => {
  const env = await start({ level: 'envtest', webhooks: [configuration] });
  const { host, port, certDir, cert, key } = await env.webhooks.handOut();
  const server = createServer({ cert, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(JSON.stringify(judged(Buffer.concat(chunks)))));
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  await assert.rejects(env.client.create(configMap('bad')), /it is bad/);
  assert.equal(existsSync(`${certDir}/tls.key`), true);
  await env.stop();
  assert.equal(existsSync(certDir), false);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a port that was handed out is given to nobody else, however long its program takes to listen there', async () => {
  const env = await start({ level: 'envtest', webhooks: [configuration] });
  const { port } = await env.webhooks.handOut();
  assert.ok(port < 32_768, `${port} is one that systems give to connections`);
  if (process.platform === 'linux') {
    // begins its search at the port
    const others = new PrivatePorts((port - 10_000 + 0.5) / 20_000);
    assert.notEqual(await others.take(), port);
    others.giveAllBack();
  }
  await env.stop();
});

test('a Service that others serve keeps its reference, is called there, and each call is told of', async () => {
  const called: CalledWebhook[] = [];
  let port = 0;
  const all = [{ namespace: 'system', name: 'judge', port: 443 }];
  const webhookServices = {
    all,
    addressOf: () => ({ host: '127.0.0.1', port }),
    onCall: (call: CalledWebhook) => void called.push(call),
  };
  await using env = await start({ level: 'envtest', webhooks: [configuration], webhookServices });
  const { cert, key } = await env.webhooks.handOut();
  const server = createServer({ cert, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(JSON.stringify(judged(Buffer.concat(chunks)))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  await env.client.create(configMap('good'));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(
    env.client.create(configMap('bad')),
    /https:\/\/judge\.system\.svc:443\/judge\?timeout=10s": dial tcp/,
  );
  assert.deepEqual(
    called.map(({ service, url, asked, answered, failure }) => [service, url, asked?.kind, answered?.kind, !!failure]),
    [
      [all[0], 'https://judge.system.svc:443/judge', 'AdmissionReview', 'AdmissionReview', false],
      [all[0], 'https://judge.system.svc:443/judge', 'AdmissionReview', undefined, true],
    ],
  );
});

test('at fake there is no port to hand out, which is told', async () => {
  await using env = await start({ level: 'fake' });
  await assert.rejects(env.webhooks.handOut(), /Cannot listen for webhooks at level fake: it has no sockets/);
});
