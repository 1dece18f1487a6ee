import type { KubeObject } from 'nekube/apimachinery';
import { type Environment, start } from 'nekube/envtest';
import { minimalRoles, type MinimalRoles } from '../access/minimal-roles.ts';
import { stableNames } from '../access/stable-names.ts';
import { type Usage, usageOf } from '../access/used.ts';
import type { Operator, Patience, Interval } from '../observe/session.ts';
import { Session } from '../observe/session.ts';
import type { Coverage, Finding } from '../verdict/finding.ts';
import { judge, type Judgement } from '../verdict/verdict.ts';
import { childStatus } from './child-status.ts';
import { deletion, fault, node, restart, time } from './course.ts';
import { drift } from './drift.ts';
import { probeHistory } from './history.ts';
import { probeLeaves } from './leaves.ts';
import { trailOf } from '../observe/trail-of.ts';
import type { OutcomeDifference } from '../observe/outcome.ts';
import { type Probe, type ProbeContext, shownDifference } from './probe.ts';
import { probeReferences } from './references.ts';
import { probeRepeat } from './repeat.ts';
import { PREFIX, type Subject, tryOut } from './subject.ts';
import { subjectOf } from './definition.ts';

/** What an audit needs. */
export interface AuditOptions extends Patience {
  /** CustomResourceDefinitions, RBAC, namespaces and all else that is there before the operator: objects, or files and folders. */
  readonly manifests: readonly (KubeObject | string)[];
  /** A resource that the operator works on; it is made again and again, in other namespaces. */
  readonly sample: KubeObject;
  /** How long all of it may take; default 120,000. Then it reports what it has. */
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
  /** Gets a line for each step. */
  readonly onProgress?: (text: string) => void;
}

/** What came out of an audit. */
export interface AuditResult {
  readonly judgement: Judgement;
  readonly findings: readonly Finding[];
  readonly coverage: Coverage;
  /** What the operator was refused, as lines: it lacks rights for it. */
  readonly denied: readonly string[];
  /** What it used of its rights, with the namespaces that the audit made as any namespace. */
  readonly usage: Usage;
  readonly roles: MinimalRoles;
}

const LONGEST_MS = 15_000;

/** In this order; those that tell most come first, in case that the time is over. */
const PROBES: readonly (readonly [name: string, probe: Probe])[] = [
  ['what it made is edited and deleted', drift],
  ['the status of what it made changes', childStatus],
  ['it is started anew', restart],
  ['the resource is deleted', deletion],
  ['the server fails once', fault],
  ['a node comes', node],
  ['time goes by', time],
];

/**
 * Runs an operator on a control plane of its own, intervenes in one way after another, and judges it by what it wrote.
 *
 * @throws OperatorFailure it does not start, or ends by itself; ManifestError for what cannot be installed
 */
export async function auditOperator(operator: Operator, options: AuditOptions): Promise<AuditResult> {
  const { signal, onProgress = () => {}, budgetMs = 120_000 } = options;
  const end = performance.now() + budgetMs;
  const env = await start({ level: 'envtest', name: 'audit', objects: options.manifests });
  // a probe that waits for an operator without rest must not take all of the time
  const longestMs = Math.min(options.longestMs ?? LONGEST_MS, budgetMs / 4);
  const session = new Session(env, operator, { ...options, longestMs, ...(signal && { signal }) });
  try {
    const subject = await subjectOf(env.client, options.sample);
    onProgress('it is started');
    const first = await session.start();
    const report = await new Report(session, subject, end, onProgress).make(first);
    return { ...report, ...rightsUsed(env, operator) };
  } finally {
    await session.stop();
    await env.stop();
  }
}

function rightsUsed({ requests }: Environment, { user }: Operator): Pick<AuditResult, 'usage' | 'roles'> {
  const trail = trailOf(requests.all);
  const usage = usageOf(trail, user.name);
  const home = /^system:serviceaccount:([^:]+):/.exec(user.name)?.[1];
  const isNameSound = stableNames(trail, user.name, home);
  const roles = minimalRoles(usage, { isAnyNamespace: (namespace) => namespace.startsWith(`${PREFIX}-`), isNameSound });
  return { usage, roles };
}

/** What grows while probes run. */
class Report {
  readonly #session: Session;
  readonly #subject: Subject;
  readonly #end: number;
  readonly #onProgress: (text: string) => void;
  readonly #gaps: string[] = [];
  readonly #findings: Finding[] = [];

  constructor(session: Session, subject: Subject, end: number, onProgress: (text: string) => void) {
    this.#session = session;
    this.#subject = subject;
    this.#end = end;
    this.#onProgress = onProgress;
  }

  async make(first: Interval): Promise<Omit<AuditResult, 'usage' | 'roles'>> {
    const base = await tryOut(this.#session, this.#subject);
    if (base.interval.isRestless) this.#gaps.push('it did not come to rest: what it wrote may not be all');
    const gap = (text: string): void => void this.#gaps.push(text);
    this.#onProgress('the same resource again');
    const [session, subject] = [this.#session, this.#subject];
    const repeated = await probeRepeat({ session, subject, base });
    this.#findings.push(...repeated.findings);
    const isRandom = (difference: OutcomeDifference): boolean => repeated.random.has(shownDifference(difference));
    const context: ProbeContext = { session, subject, base, isRandom, gap };
    const hasNothing = this.#findings.some(({ aspect }) => aspect === 'nothing');
    const leaves = hasNothing ? undefined : await this.#leaves(context);
    if (!hasNothing) {
      const other = leaves?.other;
      if (other !== undefined) await this.#try('the spec is another in between', () => probeHistory(context, other));
      for (const [name, probe] of PROBES) await this.#try(name, () => probe(context));
      await this.#try('what it reads is changed', () => probeReferences(context, first));
    }
    this.#tellEgress();
    const coverage: Coverage = {
      leaves: { all: leaves?.all ?? 0, exercised: leaves?.exercised ?? 0, refused: leaves?.refused ?? [] },
      influence: leaves?.influence ?? new Map(),
      gaps: this.#gaps,
    };
    const denied = [...new Set([...first.denied, ...base.interval.denied])];
    return { judgement: judge(this.#findings, coverage), findings: this.#findings, coverage, denied };
  }

  #tellEgress(): void {
    const { egress } = this.#session;
    if (egress === undefined) this.#gaps.push('whom it talks to besides the API server is not known');
    else if (egress.length > 0) this.#findings.push({ aspect: 'egress', probe: 'its connections', evidence: egress });
  }

  async #leaves(context: ProbeContext) {
    this.#onProgress('each leaf of the spec is another');
    // half of what is left, so that the other probes have time as well
    const end = performance.now() + (this.#end - performance.now()) / 2;
    const report = await probeLeaves(context, () => performance.now() < end);
    this.#findings.push(...report.findings);
    return report;
  }

  /** A probe, if there is time for it. */
  async #try(name: string, probe: () => Promise<readonly Finding[]>): Promise<void> {
    if (performance.now() > this.#end) {
      this.#gaps.push(`${name}: the time was over before`);
      return;
    }
    this.#onProgress(name);
    this.#findings.push(...(await probe()));
  }
}
