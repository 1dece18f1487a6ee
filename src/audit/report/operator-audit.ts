import { type JsonObject, type KubeObject, stringifyJson } from 'nekube/apimachinery';
import { verdictWords } from '../verdict/words.ts';
import type { OperatorReport } from './report.ts';

/** The kind of stored audits. */
export const OPERATOR_AUDIT = { apiVersion: 'audit.nekube.dev/v1alpha1', kind: 'OperatorAudit' } as const;

/** An object of more bytes than these may be refused (etcd's bound is 1.5 MiB); what is cut is told. */
const MOST_BYTES = 512 * 1024;
/** Of each list so many items are kept, fewer if that is still too much. */
const KEPT = [200, 50, 10, 2, 0] as const;
const LONGEST_TEXT = 1024;

/** An object that keeps a report as its status, cut to what an object may hold. */
export function operatorAudit(report: OperatorReport, name: string, now: Date): KubeObject {
  const { operator } = report;
  const spec = { command: operator.command.map((part) => cutText(part)), user: operator.user };
  for (const kept of KEPT) {
    const status = statusOf(report, kept, now);
    const object = { ...OPERATOR_AUDIT, metadata: { name }, spec, status } as unknown as KubeObject;
    if (kept === 0 || Buffer.byteLength(stringifyJson(object as unknown as JsonObject)) <= MOST_BYTES) return object;
  }
  throw new RangeError('unreachable: the last of them has no lists');
}

function statusOf(report: OperatorReport, kept: number, now: Date): JsonObject {
  const { verdict, confidence, capability, coverage, requests, unused, verification, startedAt, tookMs } = report;
  const cut = new Cut(kept);
  const risks = (level: string): number => unused.filter((one) => one.level === level).length;
  const status = {
    verdict,
    summary: verdictWords(verdict, report).slice(0, 32_768),
    confidence,
    capabilityLevel: capability,
    startTime: `${startedAt.slice(0, 19)}Z`,
    durationSeconds: Math.round(tookMs / 1000),
    requests: requests.all,
    findings: cut.list('findings', report.findings).map(({ aspect, probe, evidence }) => ({
      aspect,
      probe: cutText(probe),
      decided: report.because.some((one) => one.aspect === aspect && one.probe === probe),
      evidence: cut.list(`evidence of ${aspect}`, evidence).map(cutText),
    })),
    coverage: {
      leaves: coverage.leaves.all,
      leavesExercised: coverage.leaves.exercised,
      steps: coverage.steps.map(({ name }) => name),
      gaps: cut.list('gaps', coverage.gaps).map(cutText),
      limits: cut.list('limits', coverage.limits).map(cutText),
      influence: cut.list('influence', Object.entries(coverage.influence)).map(([leaf, places]) => ({
        leaf: cutText(leaf),
        places: cut.list(`places of ${leaf}`, places).map(cutText),
      })),
    },
    rights: {
      unused: { critical: risks('critical'), high: risks('high'), medium: risks('medium'), low: risks('low') },
      riskiest: cut.list('riskiest', unused).map(({ level, verb, group, resource, name, path, namespace, role }) => ({
        level,
        grant: cutText(
          path === undefined ? `${verb} ${resource}${group && `.${group}`}${name && `/${name}`}` : `${verb} ${path}`,
        ),
        ...(namespace !== '' && { namespace }),
        role: cutText(role),
      })),
      denied: cut.list('denied', requests.denied).map(cutText),
      smallest: report.roles.length <= MOST_BYTES / 4 ? report.roles : cut.text('smallest roles'),
    },
    ...(verification && {
      verification: {
        isSame: verification.isSame,
        compared: verification.compared,
        differences: cut
          .list('differences', [...verification.denied.map((one) => `refused: ${one}`), ...verification.differences])
          .map(cutText),
      },
    }),
    conditions: conditionsOf(report, now),
  };
  return { ...status, ...(cut.told.size > 0 && { truncated: [...cut.told].slice(0, 20) }) } as unknown as JsonObject;
}

/** As others see at a glance: it was judged, all was covered, it has no more rights than it used, they suffice. */
function conditionsOf(
  { verdict, confidence, coverage, unused, granted, verification }: OperatorReport,
  now: Date,
): JsonObject[] {
  const lastTransitionTime = `${now.toISOString().slice(0, 19)}Z`;
  const condition = (type: string, is: boolean | undefined, reason: string, message: string): JsonObject => ({
    type,
    status: is === undefined ? 'Unknown' : is ? 'True' : 'False',
    reason,
    message: message.slice(0, 32_768),
    lastTransitionTime,
  });
  const { gaps } = coverage;
  const all: JsonObject[] = [
    condition(
      'Judged',
      verdict !== 'unknown',
      verdict === 'unknown' ? 'NothingSeen' : 'Observed',
      `${verdict}, with ${confidence} confidence`,
    ),
    condition(
      'Covered',
      gaps.length === 0,
      gaps.length === 0 ? 'AllDone' : 'Gaps',
      gaps.length === 0
        ? 'all that the audit does was done'
        : gaps
            .map((gap) => cutText(gap))
            .join('; ')
            .slice(0, 8192),
    ),
    condition(
      'LeastPrivilege',
      granted.length === 0 ? undefined : unused.length === 0,
      granted.length === 0 ? 'NothingGranted' : unused.length === 0 ? 'AllUsed' : 'MoreThanUsed',
      granted.length === 0
        ? 'what is granted is not known'
        : `${unused.length} of ${granted.length} grants are more than was used`,
    ),
  ];
  if (verification !== undefined) {
    const { isSame, denied, differences } = verification;
    const message = isSame
      ? 'with the smallest roles it wrote the same'
      : `refused ${denied.length}, different ${differences.length}`;
    all.push(condition('Verified', isSame, isSame ? 'Same' : 'Different', message));
  }
  return all;
}

/** What is left out of lists, and the note of it. */
class Cut {
  readonly told = new Set<string>();
  readonly #kept: number;

  constructor(kept: number) {
    this.#kept = kept;
  }

  list<T>(what: string, items: readonly T[]): readonly T[] {
    if (items.length > this.#kept) this.told.add(`${cutText(what)}: ${this.#kept} of ${items.length}`);
    return items.slice(0, this.#kept);
  }

  text(what: string): undefined {
    this.told.add(`${what}: left out`);
    return undefined;
  }
}

function cutText(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;
}
