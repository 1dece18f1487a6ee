import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type FieldError, newInvalid, type KubeObject, parseYaml, stringifyJson } from 'nekube/apimachinery';
import { silentLogger } from '../log/logger.ts';
import { type AdmissionHandler, type AdmissionRequest, allowed, denied, patched } from './admission.ts';
import { admissionWebhook } from './admission-review.ts';
import { combined } from './combined.ts';
import { MAX_REQUEST_BYTES, type WebhookCall } from './endpoint.ts';
import { checkPath, mutatePath, validatePath } from './paths.ts';
import { defaulting, validating } from './typed.ts';

interface Case {
  readonly name: string;
  readonly handler: keyof typeof handlers;
  readonly contentType?: string;
  readonly body: string;
  readonly answer?: string;
  readonly patch?: string;
  readonly panicked?: boolean;
}

interface Website extends KubeObject {
  spec: { port?: number };
}

const setPort = defaulting<Website>((object) => {
  object.spec.port ??= 80;
});
function allowWithNotes(name: string): AdmissionHandler {
  return () => allowed('', { auditAnnotations: { [name]: 'yes' } });
}

const REQUIRED = { type: 'FieldValueRequired', field: 'spec.port', message: 'Required value' } as unknown as FieldError;

const handlers = {
  allow: () => allowed(),
  deny: () => denied('not on a Friday'),
  denyWithNotes: () =>
    denied('taken', { code: 409, reason: 'Conflict', warnings: ['mind the day'], auditAnnotations: { day: 'Friday' } }),
  throwStatus: () => {
    throw newInvalid({ group: 'example.com', resource: 'Website' }, 'w', [REQUIRED]);
  },
  throw: () => {
    throw new Error('no such thing');
  },
  nothing: (() => {}) as unknown as AdmissionHandler,
  undecided: (() => ({ status: { code: 200 } })) as unknown as AdmissionHandler,
  denyChanged: ({ object }: AdmissionRequest) => ({ ...denied('no'), changed: { ...object!, spec: {} } }),
  setUndefined: defaulting<Website>((object) => {
    object.spec = { port: undefined as unknown as number };
    object.metadata.annotations = { made: new Date(0) as unknown as string };
  }),
  patchTwice: combined(allowWithNotes('first'), () => ({ allowed: true, patch: [] })),
  replaceTwice: combined<Website>(
    allowWithNotes('first'),
    ({ object }) => patched({ ...object!, spec: { port: 1 } }, { warnings: ['one'] }),
    ({ object }) => patched({ ...object!, spec: { port: object!.spec.port! + 1 } }, { warnings: ['two'] }),
    allowWithNotes('last'),
  ),
  refuseSecond: combined<Website>(allowWithNotes('first'), () => denied('second'), setPort),
  denyWithoutReason: () => denied('gone', { code: 410 }),
  throwStatusInDefaulter: defaulting(() => {
    throw newInvalid({ group: 'example.com', resource: 'Website' }, 'w', [REQUIRED]);
  }),
  abortInValidator: validating({
    create() {
      throw new DOMException('This operation was aborted', 'AbortError');
    },
  }),
  default: setPort,
  combined: combined(
    setPort,
    defaulting<Website>((object) => {
      object.metadata.labels = { port: String(object.spec.port) };
    }),
  ),
  validate: validating<Website>({
    create({ spec }) {
      if (spec.port === 0) throw new Error('spec.port must not be 0');
    },
    update: ({ spec }, old) => [`port ${old.spec.port} becomes ${spec.port}`],
    delete: async ({ metadata }, { request }) => denied(`${metadata.name} stays (dry run: ${request.dryRun})`),
  }),
} satisfies Record<string, unknown>;

function call(body: string | Uint8Array, more: Partial<WebhookCall> = {}): WebhookCall {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return {
    body: bytes,
    contentType: 'application/json',
    signal: new AbortController().signal,
    log: silentLogger,
    ...more,
  };
}

const file = new URL('../../../src/controller/webhook/testdata/admission.yaml', import.meta.url);
for (const { name, handler, contentType, body, answer, patch, panicked } of parseYaml(
  readFileSync(file),
) as unknown as Case[]) {
  test(name, async () => {
    const webhook = admissionWebhook(handlers[handler] as AdmissionHandler);
    const reply = await webhook.answer(call(body, contentType === undefined ? {} : { contentType }));
    assert.equal(reply.status, 200);
    assert.equal(reply.panicked, panicked);
    if (answer !== undefined) assert.equal(stringifyJson(reply.body!), answer);
    if (patch === undefined) return;
    const { patch: encoded, patchType } = reply.body!.response as { patch: string; patchType: string };
    assert.equal(patchType, 'JSONPatch');
    assert.equal(Buffer.from(encoded, 'base64').toString(), patch);
  });
}

test('a request that is too long is answered with 413 in the review', async () => {
  const { body } = await admissionWebhook(handlers.allow).answer(call(new Uint8Array(MAX_REQUEST_BYTES + 1).fill(32)));
  const { status } = body!.response as { status: { message: string; code: number } };
  assert.equal(status.message, 'request entity is too large; limit is 7340032 bytes');
  assert.equal(status.code, 413);
});

test('a handler whose time is over is answered with 504 and told', async () => {
  const over = new AbortController();
  const told: unknown[] = [];
  const webhook = admissionWebhook((_request, { signal }) => {
    signal.addEventListener('abort', () => told.push(signal.reason));
    return new Promise(() => {});
  });
  const answer = webhook.answer(call('{"request":{"uid":"u"}}', { signal: over.signal }));
  over.abort(new Error('time is over'));
  const { response } = (await answer).body as { response: { status: { code: number } } };
  assert.equal(response.status.code, 504);
  assert.equal(told.length, 1);
});

test('a handler that fails by itself when its time is over has failed, and was not late', async () => {
  const over = new AbortController();
  const webhook = admissionWebhook(() => {
    over.abort(new Error('time is over'));
    throw new Error('no such thing');
  });
  const reply = await webhook.answer(call('{"request":{"uid":"u"}}', { signal: over.signal }));
  const { response } = reply.body as unknown as { response: { status: { code: number; message: string } } };
  assert.deepEqual([response.status.message, reply.panicked], ['panic: no such thing [recovered]', true]);
});

test('paths are those of kubebuilder', () => {
  const gvk = { group: 'apps.example.com', version: 'v1beta1', kind: 'WebSite' };
  assert.equal(mutatePath(gvk), '/mutate-apps-example-com-v1beta1-website');
  assert.equal(validatePath({ group: '', version: 'v1', kind: 'Pod' }), '/validate--v1-pod');
  checkPath(validatePath(gvk));
  for (const bad of ['', 'a', '/a/', '/a b', '/a?b']) assert.throws(() => checkPath(bad), /Cannot serve a webhook at/);
});
