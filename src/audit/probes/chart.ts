import { isJsonObject, seededRandom } from 'nekube/apimachinery';
import { findChart, type FoundChart, type NoChart } from '../chart/find-chart.ts';
import type { Operator } from '../observe/operator.ts';
import { Session } from '../observe/session.ts';
import { servedSubject } from './definition.ts';
import { observeMany } from './examples.ts';
import type { AuditOptions } from './audit-result.ts';
import { startPlane } from './control-plane.ts';
import type { Subject } from './subject.ts';
import { leaveOutUnserved } from './left-out-webhooks.ts';

/** Nothing is deleted until the end, and hundreds of resources may have Services, several each. */
const ADDRESSES = '10.96.0.0/16';

/** How a chart is made of an operator. */
export interface ChartOptions extends AuditOptions {
  /** Of all that is random; default 1. */
  readonly seed?: number;
  /** Resources that are tried at the end, and are in no example; default 100. */
  readonly heldOut?: number;
  /** Examples to begin with; default 60. */
  readonly examples?: number;
}

/** What came of it. */
export interface ChartResult {
  readonly found: FoundChart | NoChart;
  readonly subject: Subject;
}

/**
 * Makes a Helm chart of what an operator does with random resources, and tries it on others. It does not ask whether the operator also
 * does what no chart can; {@link auditOperator} does.
 *
 * @throws OperatorFailure it does not start, or ends by itself
 */
export async function chartOfOperator(operator: Operator, options: ChartOptions): Promise<ChartResult> {
  const serviceClusterIpRange = ADDRESSES;
  const plane = await startPlane(options, { name: 'chart', serviceClusterIpRange });
  const { env, services } = plane;
  const session = new Session(env, operator, { ...options, services });
  try {
    const subject = await servedSubject(env.client, options.sample);
    await session.start();
    await leaveOutUnserved(env.client, services, subject, options.signal);
    const { spec } = subject.sample;
    const { seed = 1, heldOut, examples, onProgress, signal, budgetMs = 120_000 } = options;
    const end = performance.now() + budgetMs;
    const found = await findChart({
      observe: (specs) => observeMany(session, subject, specs),
      sample: isJsonObject(spec) ? spec : {},
      random: seededRandom(seed),
      ...(subject.schema && { schema: subject.schema }),
      isOver: () => performance.now() >= end || signal?.aborted === true,
      ...(heldOut !== undefined && { heldOut }),
      ...(examples !== undefined && { examples }),
      ...(onProgress && { onProgress }),
    });
    return { found, subject };
  } finally {
    await session.stop();
    await plane.stop();
  }
}
