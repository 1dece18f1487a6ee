import type { Client } from 'nekube/client';
import {
  createLogger,
  HealthChecks,
  type Logger,
  OpsServer,
  type OpsPage,
  PrometheusMetrics,
  reviewedAccess,
} from 'nekube/controller';
import { addAgentMetrics, frontendsOf, HOW_TO_GET_RIGHTS, LoadBalancerAgent, whyNoDatapath } from 'nekube/loadbalancer';
import { parseListenAddress } from '../address.ts';
import { withCluster } from '../cluster.ts';
import { CliError, type Io, messageOf } from '../io.ts';
import type { AgentFlags } from './agent-command.ts';
import { agentOptions } from './agent-options.ts';

/**
 * Balances Services until `io.signal` is aborted.
 *
 * @throws CliError what is lacking, in one line
 */
export async function runAgent(flags: AgentFlags, io: Io): Promise<void> {
  const lack = whyNoDatapath();
  if (lack !== undefined)
    throw new CliError(lack, {
      hint: `${HOW_TO_GET_RIGHTS}; --dry-run needs no rights`,
    });
  const logger = createLogger({
    level: flags.logLevel,
    format: 'console',
    color: false,
    write: (line) => io.stderr(line),
  });
  await withCluster(flags, io, async (client) => {
    const onReady = (): void => io.stderr(`nekube: load balancer ready in ${Math.round(io.elapsedMs())} ms\n`);
    const agent = new LoadBalancerAgent({ ...agentOptions(flags, client, logger), onReady });
    await serveBeside(agent, flags, { client, logger, signal: io.signal });
  });
}

/** The agent with the server of its metrics: when one ends, so does the other. */
async function serveBeside(
  agent: LoadBalancerAgent,
  flags: AgentFlags,
  { client, logger, signal }: { readonly client: Client; readonly logger: Logger; readonly signal: AbortSignal },
): Promise<void> {
  const end = new AbortController();
  const stop = AbortSignal.any([signal, end.signal]);
  const server = opsServer(agent, flags, { client, logger });
  const serving = server.start(stop);
  let running: Promise<void> = Promise.resolve();
  try {
    await server.ready();
    running = agent.run(stop);
    await Promise.race([running, serving]);
  } catch (cause) {
    throw cause instanceof CliError ? cause : new CliError(messageOf(cause), { cause });
  } finally {
    end.abort(new Error('The agent ends'));
    // what of both failed first is thrown already
    await Promise.allSettled([running, serving]);
  }
}

function opsServer(
  agent: LoadBalancerAgent,
  { metricsAddress, maxFrontends, maxBackends, maxSlots }: AgentFlags,
  { client, logger }: { readonly client: Client; readonly logger: Logger },
): OpsServer {
  const { host, port } = parseListenAddress(metricsAddress);
  const plain = host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
  const metrics = new PrometheusMetrics();
  addAgentMetrics(metrics.registry, agent, { services: maxFrontends, backends: maxBackends, table: maxSlots });
  const checks = () => new HealthChecks({ logger }).add('services', () => agent.checkHealth());
  return new OpsServer({
    host: host === '' ? '::' : host,
    port,
    plain,
    ...(!plain && { access: reviewedAccess({ client }) }),
    metrics: metrics.registry,
    healthz: checks(),
    readyz: checks(),
    pages: {
      '/frontends': () => json(frontendsOf(agent).map(({ key: _key, ...frontend }) => frontend)),
      '/drops': (query) => json(agent.drops.since(Number(query.get('after') ?? 0))),
    },
    logger,
  });
}

function json(value: unknown): OpsPage {
  return { type: 'application/json', text: `${JSON.stringify(value)}\n` };
}
