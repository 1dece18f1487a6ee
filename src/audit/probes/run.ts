import type { KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { Operator } from '../observe/operator.ts';
import { ServerClock } from '../observe/server-clock.ts';
import { LONGEST_MS } from '../observe/session.ts';
import { trailOf } from '../observe/trail-of.ts';
import type { AuditOptions, AuditResult } from './audit-result.ts';
import { BUDGET_MS, Deadline } from './deadline.ts';
import { definedKinds } from './definition.ts';
import { Probing } from './probing.ts';
import { rightsUsed } from './rights-used.ts';
import { registeredWebhooks } from './webhooks.ts';
import { type Starting, withOperator } from './with-operator.ts';

/**
 * Runs an operator on a control plane of its own, intervenes in one way after another, and judges it by what it wrote, with resources of
 * one kind.
 *
 * @throws OperatorFailure it does not start, or ends by itself; ManifestError for what cannot be installed
 */
export async function auditOperator(operator: Operator, options: AuditOptions): Promise<AuditResult> {
  const { signal, budgetMs = BUDGET_MS } = options;
  const clock = new ServerClock();
  // a probe that waits for an operator without rest must not take all of the time
  const longestMs = Math.min(options.longestMs ?? LONGEST_MS, budgetMs / 4);
  const deadline = new Deadline(budgetMs, signal);
  const session = { startMs: budgetMs / 2, ...options, longestMs, signal: deadline.signal, clock };
  let clusterRoles: readonly KubeObject[] = [];
  const starting: Starting = {
    plane: { name: 'audit', clock },
    session,
    before: async (client) => void (clusterRoles = await clusterRolesOf(client)),
    untilStarted: (started) => deadline.untilAtRest(started),
  };
  try {
    return await withOperator(operator, options, starting, async ({ plane, session, subject, first, leftOut }) => {
      const { env, services } = plane;
      const defined = await definedKinds(env.client);
      const webhooks = await registeredWebhooks(env.client);
      const toProbe = { subject, defined, limits: leftOut, webhooks };
      const report = await new Probing(session, toProbe, deadline, options).make(first);
      const trail = trailOf(env.requests.all, services.uses);
      return { ...report, sample: subject.sample, clusterRoles, trail, ...rightsUsed([trail], operator.user.name) };
    });
  } finally {
    deadline.cancel();
  }
}

async function clusterRolesOf(client: Client): Promise<readonly KubeObject[]> {
  const type = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' };
  const { items } = await client.list(type, {});
  return items.map((item) => ({ ...item, ...type }));
}
