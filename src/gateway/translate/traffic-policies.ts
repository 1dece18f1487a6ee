import { durationMs } from '../model/durations.ts';
import type { RetryBudget, SessionPersistence } from '../model/index.ts';
import { no, type Verdict, yes } from '../statuses/index.ts';
import type { PolicyTarget } from './backend-tls.ts';
import type { View } from './cluster.ts';
import { byAge } from './gateway-plans.ts';
import { readOr } from './malformed.ts';
import type { SessionPersistenceSpec, XBackendTrafficPolicy } from './resources.ts';
import { sessionOf } from './session.ts';
import { keyOf } from './snapshot.ts';

/** The session that an XBackendTrafficPolicy asks for, of a backend that says nothing of it itself. */
export function trafficSessionOf(
  view: View,
  target: PolicyTarget,
  own?: SessionPersistenceSpec,
): SessionPersistence | undefined {
  const spec = own ?? winnerFor(view, target)?.spec?.sessionPersistence;
  if (spec === undefined) return undefined;
  const session = sessionOf(spec, `${target.kind}/${target.namespace}/${target.name}`);
  return 'problem' in session ? undefined : session;
}

/** How many retries an XBackendTrafficPolicy allows to a backend. */
export function trafficBudgetOf(view: View, target: PolicyTarget): RetryBudget | undefined {
  const policy = winnerFor(view, target);
  if (policy?.spec?.retryConstraint === undefined) return undefined;
  const budget = readOr(
    () => retryBudgetIn(policy),
    () => undefined,
  );
  return budget === undefined || 'problem' in budget ? undefined : budget;
}

/** With what is so where nothing is said. */
function retryBudgetIn({ metadata, spec }: XBackendTrafficPolicy): RetryBudget | { readonly problem: string } {
  const { budget, minRetryRate } = spec?.retryConstraint ?? {};
  const { percent = 20, interval = '10s' } = budget ?? {};
  const { count = 10, interval: per = '1s' } = minRetryRate ?? {};
  const [intervalMs, perMs] = [durationMs(interval), durationMs(per)];
  if (!isWithin(percent, 0, 100)) return { problem: `budget.percent ${percent} must be from 0 to 100` };
  if (!isWithin(intervalMs, 1_000, HOUR_MS)) return { problem: `budget.interval ${interval} must be from 1s to 1h` };
  if (!isWithin(count, 1, 1_000_000)) return { problem: `minRetryRate.count ${count} must be from 1 to 1000000` };
  if (!isWithin(perMs, 1, HOUR_MS)) return { problem: `minRetryRate.interval ${per} must be more than 0s, to 1h` };
  const source = { kind: 'XBackendTrafficPolicy', namespace: metadata.namespace ?? '', name: metadata.name };
  return { source, percent, intervalMs, minimum: { count, intervalMs: perMs } };
}

const HOUR_MS = 3_600_000;

function isWithin(value: number | undefined, least: number, most: number): value is number {
  return Number.isInteger(value) && value! >= least && value! <= most;
}

/** What an XBackendTrafficPolicy is by itself. */
export function judgeTrafficPolicy(view: View, policy: XBackendTrafficPolicy): Verdict {
  const { retryConstraint, sessionPersistence } = policy.spec ?? {};
  const budget = retryConstraint && retryBudgetIn(policy);
  if (budget !== undefined && 'problem' in budget) return no('Invalid', `spec.retryConstraint.${budget.problem}`);
  for (const { group = '', kind = 'Service', name } of policy.spec?.targetRefs ?? []) {
    const winner = winnerFor(view, { namespace: policy.metadata.namespace ?? '', group, kind, name });
    if (winner === undefined || winner === policy) continue;
    return no('Conflicted', `${kind} ${name} has XBackendTrafficPolicy ${keyOf(winner)}, which is older: delete one`);
  }
  const session = sessionPersistence && sessionOf(sessionPersistence, keyOf(policy));
  if (session !== undefined && 'problem' in session) return no('Invalid', `spec.${session.problem}`);
  return yes('Accepted', 'the policy is valid');
}

function winnerFor(view: View, { namespace, group, kind, name }: PolicyTarget): XBackendTrafficPolicy | undefined {
  let winner: XBackendTrafficPolicy | undefined;
  for (const policy of view.trafficPoliciesOf(namespace, group, kind, name)) {
    if (winner === undefined || byAge(policy, winner) < 0) winner = policy;
  }
  return winner;
}
