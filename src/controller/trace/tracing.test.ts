import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transport, TransportRequest } from 'nekube/client';
import { type Tracer, type TraceSpan, tracedReconciles, tracedTransport } from './tracing.ts';

/** A tracer that writes down what happens to its spans. */
function recorder(): { tracer: Tracer; lines: string[] } {
  const lines: string[] = [];
  const tracer: Tracer = {
    startActiveSpan(name, { kind, attributes }, work) {
      lines.push(`start ${name} ${kind ?? '-'} ${JSON.stringify(attributes)}`);
      const span: TraceSpan = {
        setAttribute: (key, value) => lines.push(`${key}=${value}`),
        setStatus: ({ code, message }) => lines.push(`status ${code} ${message ?? ''}`.trim()),
        recordException: (error) => void lines.push(`exception ${error.message}`),
        end: () => void lines.push('end'),
        spanContext: () => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }),
      };
      return work(span);
    },
  };
  return { tracer, lines };
}

test('a reconcile is a span, and its failure is the span’s', async () => {
  const { tracer, lines } = recorder();
  const around = tracedReconciles(tracer);
  const info = { controller: 'web', reconcileId: 'i', request: 'ns/a', priority: 0 };
  assert.equal(await around(info, async () => 7), 7);
  await assert.rejects(
    around(info, () => Promise.reject(new Error('no'))),
    /no/,
  );
  const start =
    'start reconcile web - {"k8s.controller.name":"web","k8s.reconcile.id":"i","k8s.reconcile.request":"ns/a","k8s.reconcile.priority":0}';
  assert.deepEqual(lines, [start, 'end', start, 'exception no', 'status 2 no', 'end']);
});

test('a request is a span of a client, and the server is told of the trace', async () => {
  const { tracer, lines } = recorder();
  let sent: TransportRequest | undefined;
  const inner: Transport = {
    url: 'https://10.0.0.1:6443',
    send: async (request) => {
      sent = request;
      return { status: 404, headers: {}, body: [] as never };
    },
    close: async () => {},
  };
  await tracedTransport(inner, tracer).send({ method: 'GET', path: '/api/v1/pods?limit=1', headers: { accept: 'x' } });
  assert.deepEqual(sent!.headers, { accept: 'x', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` });
  assert.deepEqual(lines, [
    'start GET 2 {"http.request.method":"GET","url.path":"/api/v1/pods","server.address":"10.0.0.1","server.port":6443}',
    'http.response.status_code=404',
    'status 2',
    'end',
  ]);
});
