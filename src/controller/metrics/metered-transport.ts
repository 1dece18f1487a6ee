import type { Transport } from 'nekube/client';

/** Counts requests; {@link PrometheusMetrics} does. */
export interface RequestMetrics {
  requested(code: string, method: string, host: string): void;
}

/** The same transport, whose requests are counted (`rest_client_requests_total`). */
export function meteredTransport(transport: Transport, metrics: RequestMetrics): Transport {
  const host = hostOf(transport.url);
  return {
    url: transport.url,
    async send(request) {
      try {
        const response = await transport.send(request);
        metrics.requested(String(response.status), request.method, host);
        return response;
      } catch (error) {
        metrics.requested('<error>', request.method, host);
        throw error;
      }
    },
    close: () => transport.close(),
  };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
