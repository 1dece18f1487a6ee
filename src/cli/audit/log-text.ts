import {
  type AssessedGrant,
  actorOf,
  grantText,
  type ReportedGrant,
  reportedGrant,
  type TrailRequest,
} from 'nekube/audit';
import { printable } from '../printable.ts';
import { formatTable } from '../table.ts';
import type { AuditReport } from './rights.ts';

/** Who is in the logs, those with the most requests first. */
export function usersText(requests: readonly TrailRequest[]): string {
  const users = new Map<string, { requests: number; denied: number; writes: number; agent: string }>();
  for (const request of requests) {
    const { name } = actorOf(request);
    const known = users.get(name) ?? { requests: 0, denied: 0, writes: 0, agent: request.userAgent };
    known.requests++;
    if (request.decision === 'denied') known.denied++;
    if (!['get', 'list', 'watch'].includes(request.verb)) known.writes++;
    users.set(name, known);
  }
  const rows = [...users].sort(([, a], [, b]) => b.requests - a.requests);
  const cells = rows.map(([name, of]) => [name, String(of.requests), String(of.writes), String(of.denied), of.agent]);
  return formatTable([['USER', 'REQUESTS', 'WRITES', 'DENIED', 'USER AGENT'], ...cells], { right: [1, 2, 3] });
}

/** What was looked at, and how much. */
export function usageText({ user, usage }: AuditReport): string {
  const { window, requests, denied, withoutOutcome, resources, paths } = usage;
  const [from, to] = [window!.from, window!.to].map((time) => new Date(time).toISOString());
  const used = resources.length + paths.length;
  const refused = denied.length === 0 ? '' : `, ${denied.length} of them refused`;
  const lines = [
    `${printable(user)}: ${requests} ${requests === 1 ? 'request' : 'requests'} from ${from} to ${to}${refused}; ${used === 1 ? '1 permission was' : `${used} permissions were`} used.`,
    ...(withoutOutcome === 0 ? [] : [outcomeText(withoutOutcome, requests)]),
    'What it does at other times is not in here.',
  ];
  return `${lines.join('\n')}\n`;
}

function outcomeText(without: number, requests: number): string {
  const of = without === requests ? (requests === 1 ? 'it' : 'them') : `${without} of them`;
  return `Of ${of} the log has only the beginning (RequestReceived): these count as used, though they may have been refused.`;
}

/** What is granted and was not used, or is more than was. */
export function assessmentText(grants: readonly AssessedGrant[]): string {
  const more = grants.filter(({ isMore }) => isMore);
  if (more.length === 0) return 'All that is granted was used.\n';
  return `Granted, and more than was used:\n\n${grantTable(more.map(reportedGrant))}`;
}

/** Grants as a table, as they come. */
export function grantTable(grants: readonly ReportedGrant[]): string {
  const rows = grants.map((grant) => [
    grant.level.toUpperCase(),
    grantText(grant),
    grant.namespace === '' ? '*' : grant.namespace,
    usedText(grant),
    grant.role,
    grant.why,
  ]);
  return formatTable([['RISK', 'GRANTED', 'NAMESPACE', 'USED OF IT', 'BY', 'WHAT IT CAN DO'], ...rows]);
}

function usedText({ usedPermissions, isOutcomeUnknown }: ReportedGrant): string {
  const [first, ...more] = usedPermissions;
  if (first === undefined) return 'nothing';
  const shown = isOutcomeUnknown ? `${first} (outcome not in the log)` : first;
  return more.length === 0 ? shown : `${shown} and ${more.length} more`;
}
