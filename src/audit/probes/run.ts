import type { KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { Operator } from '../observe/operator.ts';
import { ServerClock } from '../observe/server-clock.ts';
import { LONGEST_MS, Session } from '../observe/session.ts';
import { trailOf } from '../observe/trail-of.ts';
import type { AuditOptions, AuditResult } from './audit-result.ts';
import { startPlane } from './control-plane.ts';
import { BUDGET_MS, Deadline } from './deadline.ts';
import { definedKinds, servedSubject } from './definition.ts';
import { leaveOutUnserved } from './left-out-webhooks.ts';
import { Probing } from './probing.ts';
import { rightsUsed } from './rights-used.ts';
import { registeredWebhooks } from './webhooks.ts';

/**
 * Runs an operator on a control plane of its own, intervenes in one way after another, and judges it by what it wrote, with resources of
 * one kind.
 *
 * @throws OperatorFailure it does not start, or ends by itself; ManifestError for what cannot be installed
 */
export async function auditOperator(operator: Operator, options: AuditOptions): Promise<AuditResult> {
  const { signal, onProgress = () => {}, budgetMs = BUDGET_MS } = options;
  const clock = new ServerClock();
  const plane = await startPlane(options, { name: 'audit', clock });
  const { env, services } = plane;
  // a probe that waits for an operator without rest must not take all of the time
  const longestMs = Math.min(options.longestMs ?? LONGEST_MS, budgetMs / 4);
  const deadline = new Deadline(budgetMs, signal);
  const session = new Session(env, operator, {
    startMs: budgetMs / 2,
    ...options,
    longestMs,
    signal: deadline.signal,
    clock,
    services,
  });
  try {
    const subject = await servedSubject(env.client, options.sample);
    const defined = await definedKinds(env.client);
    const clusterRoles = await clusterRolesOf(env.client);
    onProgress('it is started');
    const first = await deadline.untilAtRest(session.start());
    const unserved = await leaveOutUnserved(env.client, services, subject, deadline.signal);
    const limits = [...plane.leftOut, ...unserved];
    const webhooks = await registeredWebhooks(env.client);
    const report = await new Probing(session, { subject, defined, limits, webhooks }, deadline, options).make(first);
    const trail = trailOf(env.requests.all, services.uses);
    return { ...report, clusterRoles, trail, ...rightsUsed([trail], operator.user.name) };
  } finally {
    deadline.cancel();
    await session.stop();
    await plane.stop();
  }
}

async function clusterRolesOf(client: Client): Promise<readonly KubeObject[]> {
  const type = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' };
  const { items } = await client.list(type, {});
  return items.map((item) => ({ ...item, ...type }));
}
