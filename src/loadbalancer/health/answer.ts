/** What a load balancer asks about at a node: how many endpoints of a Service are there. */
export interface HealthCheck {
  readonly namespace: string;
  readonly name: string;
  /** The Service's `healthCheckNodePort`. */
  readonly port: number;
  readonly localEndpoints: number;
}

/** An answer over HTTP. */
export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * What kube-proxy answers, whatever is asked: that packets for the Service are served at this node, or not. They are if it has endpoints that
 * are ready, and what serves them (`isHealthy`) is in order.
 */
export function healthAnswer({ namespace, name, localEndpoints }: HealthCheck, isHealthy: boolean): HealthAnswer {
  const said = { service: { namespace, name }, localEndpoints, serviceProxyHealthy: isHealthy };
  return {
    status: localEndpoints > 0 && isHealthy ? 200 : 503,
    headers: {
      'Content-Type': 'application/json',
      'X-Content-Type-Options': 'nosniff',
      'X-Load-Balancing-Endpoint-Weight': `${localEndpoints}`,
    },
    body: JSON.stringify(said, undefined, '\t'),
  };
}
