import { isJsonObject, seededRandom } from 'nekube/apimachinery';
import { findChart, type FoundChart, type NoChart } from '../chart/find-chart.ts';
import type { Operator } from '../observe/operator.ts';
import { observeMany } from './examples.ts';
import type { AuditOptions } from './audit-result.ts';
import type { Subject } from './subject.ts';
import { withOperator } from './with-operator.ts';

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
  /** With the sample that it was made with. */
  readonly subject: Subject;
  /** Webhooks that were not called, as sentences: what they change or refuse the chart does not know. */
  readonly leftOut: readonly string[];
}

/**
 * Makes a Helm chart of what an operator does with random resources, and tries it on others. It does not ask whether the operator also
 * does what no chart can; {@link auditOperator} does.
 *
 * @throws OperatorFailure it does not start, or ends by itself
 */
export async function chartOfOperator(operator: Operator, options: ChartOptions): Promise<ChartResult> {
  const starting = { plane: { name: 'chart', serviceClusterIpRange: ADDRESSES }, session: options };
  return await withOperator(operator, options, starting, async ({ session, subject, leftOut }) => {
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
    return { found, subject, leftOut };
  });
}
