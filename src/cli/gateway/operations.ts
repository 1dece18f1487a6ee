import type { Client } from 'nekube/client';
import { HealthChecks, type Manager, OpsServer, type PrometheusMetrics, reviewedAccess } from 'nekube/controller';
import type { DataPlane } from 'nekube/gateway';
import { parseListenAddress } from '../address.ts';
import type { ServeFlags } from './serve.ts';

/** What is told to those who operate a gateway. */
export interface OperationsParts {
  readonly client: Client;
  readonly metrics: PrometheusMetrics;
  /** What serves is ready. */
  readonly dataPlane: DataPlane;
}

/**
 * Metrics and health where the flags ask for them: plain on loopback addresses, for everybody; elsewhere by TLS, and metrics for
 * those whom the cluster lets read them.
 *
 * @returns adds them to a manager
 * @throws CliError the address is none
 */
export function operationsOf({
  metricsAddress,
}: Pick<ServeFlags, 'metricsAddress'>): (manager: Manager, parts: OperationsParts) => void {
  if (metricsAddress === undefined) return () => {};
  const { host, port } = parseListenAddress(metricsAddress);
  return (manager, { client, metrics, dataPlane }) => {
    const plain = isLoopback(host);
    const readyz = new HealthChecks().add('data-plane', () => {
      if (!dataPlane.state().ready) throw new Error(`${dataPlane.name} does not serve`);
    });
    manager.add(
      new OpsServer({
        host: host === '' ? '::' : host,
        port,
        plain,
        ...(!plain && { access: reviewedAccess({ client }) }),
        metrics: metrics.registry,
        healthz: new HealthChecks(),
        readyz,
        logger: manager.logger,
      }),
    );
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
