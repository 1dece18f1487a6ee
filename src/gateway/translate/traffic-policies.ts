import type { SessionPersistence } from '../model/index.ts';
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

/** What an XBackendTrafficPolicy is by itself. */
export function judgeTrafficPolicy(view: View, policy: XBackendTrafficPolicy): Verdict {
  const { retryConstraint, sessionPersistence } = policy.spec ?? {};
  if (retryConstraint !== undefined) {
    return no('Invalid', 'spec.retryConstraint is not supported: leave it out, or limit retries by a BackendPolicy');
  }
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
  const all = readOr(
    () => [...view.trafficPoliciesOf(namespace, group, kind, name)],
    () => [],
  );
  return all.sort(byAge)[0];
}
