import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type JsonObject, type KubeObject, parseYaml } from 'nekube/apimachinery';
import { silentLogger } from '../log/logger.ts';
import { type Converter, hubConverter } from './conversion.ts';
import { conversionWebhook } from './conversion-review.ts';
import type { WebhookCall, WebhookReply } from './endpoint.ts';

interface Website extends KubeObject {
  spec: { port: number };
}
interface WebsiteV1alpha1 extends KubeObject {
  spec: { listen: string };
}

const website = hubConverter<Website>({
  group: 'example.com',
  kind: 'Website',
  hub: 'v1',
  spokes: {
    v1alpha1: {
      toHub({ metadata, spec }: WebsiteV1alpha1) {
        if (!/^:\d+$/.test(spec.listen)) throw new Error('spec.listen must be ":PORT"');
        return { metadata, spec: { port: Number(spec.listen.slice(1)) } };
      },
      fromHub: ({ metadata, spec }) => ({ metadata, spec: { listen: `:${spec.port}` } }),
    },
    v2: {
      toHub: ({ spec }) => ({ metadata: {}, spec: { port: spec.ports[0] } }),
      fromHub: async ({ spec }) => ({ metadata: { annotations: { seen: 'yes' } }, spec: { ports: [spec.port] } }),
    },
  },
});
const renamed: Converter = {
  group: 'example.com',
  kind: 'Renamed',
  convert: (object, apiVersion) => ({ ...object, apiVersion, metadata: { name: 'b' } }),
};
const adding: Converter = {
  group: 'example.com',
  kind: 'Adding',
  convert: (object, apiVersion) => ({ ...object, apiVersion, metadata: { ...object.metadata, finalizers: ['a/b'] } }),
};
const lazy: Converter = { group: 'example.com', kind: 'Lazy', convert: (object) => object };

function ask(body: string): Promise<WebhookReply> {
  const call: WebhookCall = {
    body: Buffer.from(body),
    contentType: 'application/json',
    signal: new AbortController().signal,
    log: silentLogger,
  };
  return conversionWebhook([website, renamed, adding, lazy]).answer(call);
}

interface Case {
  readonly name: string;
  readonly request: JsonObject;
  readonly response: JsonObject;
}

const file = new URL('../../../src/controller/webhook/testdata/conversion.yaml', import.meta.url);
for (const { name, request, response } of parseYaml(readFileSync(file)) as unknown as Case[]) {
  for (const version of ['v1', 'v1beta1']) {
    test(`${name} (${version})`, async () => {
      const apiVersion = `apiextensions.k8s.io/${version}`;
      const { status, body } = await ask(JSON.stringify({ kind: 'ConversionReview', apiVersion, request }));
      assert.equal(status, 200);
      assert.deepEqual(body, { kind: 'ConversionReview', apiVersion, response });
    });
  }
}

for (const body of [
  '',
  '{',
  '[]',
  '{}',
  '{"request":{}}',
  '{"apiVersion":"v1","request":{"uid":"u","desiredAPIVersion":"a/v1"}}',
]) {
  test(`what is no ConversionReview is HTTP 400: ${body}`, async () => {
    assert.deepEqual(await ask(body), { status: 400 });
  });
}

test('the hub is no spoke, and a kind has one converter', () => {
  const spoke = website as never;
  assert.throws(() => hubConverter({ group: 'g', kind: 'K', hub: 'v1', spokes: { v1: spoke } }), /must not be a spoke/);
  assert.throws(() => conversionWebhook([website, website]), /Website\.example\.com: there are two converters/);
});
