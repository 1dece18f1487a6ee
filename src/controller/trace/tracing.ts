import { errorText } from 'nekube/apimachinery';
import type { Transport } from 'nekube/client';
import type { AroundReconcile } from '../hooks.ts';

/** A span, as far as it is used here: `Span` of `@opentelemetry/api` is one. */
export interface TraceSpan {
  setAttribute(name: string, value: string | number | boolean): unknown;
  setStatus(status: { readonly code: number; readonly message?: string }): unknown;
  recordException(error: Error): void;
  end(): void;
  spanContext(): { readonly traceId: string; readonly spanId: string; readonly traceFlags: number };
}

/** A tracer: `trace.getTracer('NAME')` of `@opentelemetry/api` is one. Nothing of that package is loaded from here. */
export interface Tracer {
  startActiveSpan<R>(
    name: string,
    options: { readonly kind?: number; readonly attributes?: Record<string, string | number | boolean> },
    work: (span: TraceSpan) => R,
  ): R;
}

/** `SpanKind.CLIENT` and `SpanStatusCode.ERROR` of OpenTelemetry. */
const CLIENT = 2;
const ERROR = 2;

/** A span around each reconcile, for `aroundReconcile` of a manager. */
export function tracedReconciles(tracer: Tracer): AroundReconcile {
  return ({ controller, reconcileId, request, priority }, reconcile) =>
    inSpan(
      tracer,
      `reconcile ${controller}`,
      {
        attributes: {
          'k8s.controller.name': controller,
          'k8s.reconcile.id': reconcileId,
          'k8s.reconcile.request': request,
          'k8s.reconcile.priority': priority,
        },
      },
      reconcile,
    );
}

/**
 * The same transport with a span around each request, until its answer begins. The server is told of the trace
 * (`traceparent`, W3C Trace Context), so that its own spans belong to it.
 */
export function tracedTransport(transport: Transport, tracer: Tracer): Transport {
  const { hostname, port } = new URL(transport.url);
  return {
    url: transport.url,
    send(request) {
      const [path = ''] = request.path.split('?');
      const attributes = {
        'http.request.method': request.method,
        'url.path': path,
        'server.address': hostname,
        ...(port !== '' && { 'server.port': Number(port) }),
      };
      return inSpan(tracer, request.method, { kind: CLIENT, attributes }, async (span) => {
        const headers = { ...request.headers, traceparent: traceParent(span) };
        const response = await transport.send({ ...request, headers });
        span.setAttribute('http.response.status_code', response.status);
        if (response.status >= 400) span.setStatus({ code: ERROR });
        return response;
      });
    },
    close: () => transport.close(),
  };
}

function inSpan<R>(
  tracer: Tracer,
  name: string,
  options: Parameters<Tracer['startActiveSpan']>[1],
  work: (span: TraceSpan) => Promise<R>,
): Promise<R> {
  return tracer.startActiveSpan(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.recordException(error instanceof Error ? error : new Error(String(error)));
      span.setStatus({ code: ERROR, message: errorText(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}

function traceParent(span: TraceSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
