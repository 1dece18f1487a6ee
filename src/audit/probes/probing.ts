import { isJsonObject, type KubeObject } from 'nekube/apimachinery';
import { OperatorFailure } from '../observe/operator.ts';
import { readOf, shownRef } from '../observe/operator-write.ts';
import type { Outcome, OutcomeDifference, WantedObject } from '../observe/outcome.ts';
import { readSetOf } from '../observe/read-set.ts';
import type { Interval, Session } from '../observe/session.ts';
import { shownDifference } from '../observe/shown-difference.ts';
import { trailOf } from '../observe/trail-of.ts';
import { withWords } from '../observe/words.ts';
import { isService } from '../observe/workload-names.ts';
import { kindName, type TrailRequest } from '../trail/request.ts';
import type { Coverage, Finding, ProbedKinds } from '../verdict/finding.ts';
import { judge } from '../verdict/verdict.ts';
import { additions } from './additions.ts';
import { admission } from './admission.ts';
import type { AuditOptions, AuditResult, AuditStep, Declared } from './audit-result.ts';
import { childStatus } from './child-status.ts';
import { deletion, fault, restart } from './course.ts';
import { crossing } from './crossing.ts';
import { BUDGET_MS, type Deadline } from './deadline.ts';
import { drift } from './drift.ts';
import { editsIn } from './edits.ts';
import { foreignStatus } from './foreign-status.ts';
import { habitsIn } from './habits.ts';
import { probeHistory } from './history.ts';
import { type LeafReport, probeLeaves } from './leaves.ts';
import { metadata } from './metadata.ts';
import { node } from './nodes.ts';
import { ownSpecIn } from './own-spec.ts';
import { pods } from './pods.ts';
import type { Probe, ProbeContext } from './probe.ts';
import { isByReference, probeReferences } from './references.ts';
import { probeRepeat, type RepeatReport } from './repeat.ts';
import { siblings } from './siblings.ts';
import { leavesOf, pointerOf } from './spec-variants.ts';
import { strangers } from './strangers.ts';
import { type Subject, type Trial, tryOut } from './subject.ts';
import { age, time } from './time.ts';
import { Unknowns } from './unknowns.ts';
import { calledWords, type RegisteredWebhook } from './webhooks.ts';

/** More requests of a probe are not kept for its findings, nor longer ones. */
const MOST_REQUESTS = 40;
const LONGEST_REQUEST = 400;

/** So long it is looked once whether it writes late by itself, if there is that much time. */
const SETTLE_MS = 5000;
/** And so long where its timers have been advanced. */
const SHORT_SETTLE_MS = 1500;
/** It is started anew so often after it ended by itself. */
const MOST_CRASHES = 3;

/** In this order; those that tell most come first, in case that the time is over. */
const PROBES: readonly (readonly [name: string, probe: Probe])[] = [
  ['what it made is edited and deleted', drift],
  ['others add to what it made', additions],
  ['the status of what it made changes', childStatus],
  ['the status of pods of what it made changes', pods],
  ['somebody else writes its status', foreignStatus],
  ['it names another namespace', crossing],
  ['it is started anew', restart],
  ['the resource is deleted', deletion],
  ['the server fails once', fault],
  ['a node comes', node],
  ['another is in its namespace', siblings],
  ['it has another name, label, annotation', metadata],
  ['others have what it makes', strangers],
  ['others make what its webhooks are asked about', admission],
  ['what there is is old', age],
];

/** What comes of the probes. */
export type Probed = Omit<AuditResult, 'sample' | 'usage' | 'roles' | 'trail' | 'clusterRoles'>;

/** What there is to probe. */
export interface ToProbe {
  readonly subject: Subject;
  /** All kinds of custom resources. */
  readonly defined: readonly string[];
  /** What cannot be seen of the operator, as is known before. */
  readonly limits: readonly string[];
  /** Those that the API server asks. */
  readonly webhooks: readonly RegisteredWebhook[];
}

/** The probes at work, and what they found so far. */
export class Probing {
  readonly #session: Session;
  readonly #subject: Subject;
  /** All kinds of custom resources. */
  readonly #defined: readonly string[];
  readonly #webhooks: readonly RegisteredWebhook[];
  readonly #deadline: Deadline;
  readonly #onProgress: (text: string) => void;
  readonly #declared: Declared;
  readonly #alsoProbed: readonly string[];
  readonly #samples: readonly KubeObject[];
  /** So long it is looked whether it does anything late. */
  readonly #mostMs: number;
  #crashes = 0;
  #base: Trial | undefined;
  readonly #unknowns = new Unknowns();
  readonly #findings: Finding[] = [];
  readonly #steps: AuditStep[] = [];
  /** What there was no time for. */
  readonly #skipped: string[] = [];

  constructor(
    session: Session,
    { subject, defined, limits, webhooks }: ToProbe,
    deadline: Deadline,
    { onProgress = () => {}, declared = {}, budgetMs = BUDGET_MS, alsoProbed = [], samples = [] }: AuditOptions,
  ) {
    this.#session = session;
    this.#subject = subject;
    this.#defined = defined;
    this.#webhooks = webhooks;
    for (const limit of [...limits, ...(declared.lacks ?? [])]) this.#unknowns.limit(limit);
    this.#deadline = deadline;
    this.#onProgress = onProgress;
    this.#declared = declared;
    this.#alsoProbed = alsoProbed;
    this.#samples = samples;
    this.#mostMs = budgetMs / 10;
  }

  async make(first: Interval): Promise<Probed> {
    const base = await this.#step('a resource is made', () => this.#makeBase());
    this.#base = base;
    if (base === undefined) return this.#result(undefined, { base: new Map() });
    if (base.interval.isRestless) this.#unknowns.gap('it did not come to rest: what it wrote may not be all');
    const again = await this.#step('the same resource again', () => this.#repeat(base));
    if (again?.unclear.length)
      this.#unknowns.gap(
        `it was at work still when these were missing of one resource and not of another: ${again.unclear.join(', ')}`,
      );
    return await this.#probe(first, again?.base ?? base, again);
  }

  /** A resource, until all that the operator makes of it is there. */
  async #makeBase(): Promise<Trial> {
    const trial = await tryOut(this.#session, this.#subject);
    return (await this.#isLate(trial)) ? await tryOut(this.#session, this.#subject) : trial;
  }

  /** Whether more comes of a resource later. Timers are advanced where that can be done; what takes long by itself is waited for. */
  async #isLate(trial: Trial): Promise<boolean> {
    const byTime = trial.outcome.size > 0 ? await this.#session.settleByTime() : undefined;
    return byTime === undefined ? await this.#settle(SETTLE_MS) : byTime || (await this.#settle(SHORT_SETTLE_MS));
  }

  async #settle(ms: number): Promise<boolean> {
    return await this.#session.settle(Math.min(ms, this.#mostMs), this.#mostMs);
  }

  /** Where whole objects are missing, it is looked for longer whether they only come late; then all of it is made again. */
  async #repeat(base: Trial): Promise<RepeatReport & { readonly base: Trial }> {
    const [session, subject] = [this.#session, this.#subject];
    const report = await probeRepeat({ session, subject, base });
    if (!report.hasMissing || !(await this.#settle(SETTLE_MS))) return { ...report, base };
    const next = await tryOut(session, subject);
    return { ...(await probeRepeat({ session, subject, base: next })), base: next };
  }

  async #probe(first: Interval, base: Trial, repeated: RepeatReport | undefined): Promise<Probed> {
    const [session, subject] = [this.#session, this.#subject];
    this.#base = base;
    const isRandom = (difference: OutcomeDifference): boolean =>
      repeated?.random.has(shownDifference(difference)) ?? false;
    const { gap, cut, limit, watchLimit } = this.#unknowns;
    const [webhooks, alsoProbed, samples] = [this.#webhooks, this.#alsoProbed, this.#samples];
    const known = { session, subject, base, isRandom, webhooks, alsoProbed, samples };
    const context: ProbeContext = { ...known, gap, cut, limit, watchLimit };
    const hasNothing = this.#findings.some(({ aspect }) => aspect === 'nothing');
    const leaves = await (hasNothing ? this.#lookFor(context, first) : this.#intervene(context, first));
    return this.#result(leaves, { base: withoutRandom(base.outcome, repeated?.random ?? new Set()) });
  }

  /** Who makes nothing may wait for what it reads; what the spec does then is not tried. */
  async #lookFor(context: ProbeContext, first: Interval): Promise<undefined> {
    await this.#try('what it reads is there', () => probeReferences(context, first));
    if (!this.#findings.some(isByReference)) return;
    const nothing = this.#findings.findIndex(({ aspect }) => aspect === 'nothing');
    this.#findings.splice(nothing, 1);
    this.#unknowns.gap('nothing was made of the sample until what it reads was there: nothing else was tried with it');
  }

  async #intervene(context: ProbeContext, first: Interval): Promise<LeafReport | undefined> {
    const leaves = await this.#step('each leaf of the spec is another', () => {
      // half of what is left, so that the other probes have time as well
      const end = performance.now() + this.#deadline.leftMs / 2;
      return probeLeaves(context, () => performance.now() < end);
    });
    const others = leaves?.others ?? [];
    await this.#try('the spec is another in between', () => probeHistory(context, others));
    for (const [name, probe] of PROBES) await this.#try(name, () => probe(context));
    await this.#try('what it reads is changed', () => probeReferences(context, first));
    // what comes later than this would count as old for the operator
    await this.#try('time goes by', () => time(context));
    return leaves;
  }

  #result(leaves: LeafReport | undefined, rest: Pick<AuditResult, 'base'>): Probed {
    this.#tellEgress();
    if (this.#skipped.length > 0)
      this.#unknowns.cut(`not done, since ${this.#deadline.why}: ${this.#skipped.join(', ')}`);
    const { gaps, cutOff, limits, watchLimits } = this.#unknowns;
    const coverage: Coverage = {
      kinds: this.#kinds(),
      leaves: leavesTold(leaves, leavesIn(this.#subject)),
      influence: leaves?.influence ?? new Map(),
      gaps,
      cutOff,
      limits,
      watchLimits,
    };
    if (this.#base !== undefined) this.#findings.push(...this.#habits(this.#base));
    const findings = this.#findings;
    return {
      judgement: judge(findings, coverage, this.#declared.capability),
      findings,
      coverage,
      steps: this.#steps,
      reads: readSetOf(this.#session.own.map(readOf).filter((read) => read !== undefined)),
      denied: this.#session.denied,
      ...rest,
    };
  }

  #kinds(): ProbedKinds {
    const probed = kindName(this.#subject);
    const asked = new Set(this.#session.own.map(kindName));
    const others = this.#defined.filter((kind) => kind !== probed);
    return { probed, others: others.map((kind) => ({ kind, isAskedFor: asked.has(kind) })) };
  }

  #habits(base: Trial): readonly Finding[] {
    const { own, ports, services } = this.#session;
    const { webhooks = [] } = this.#declared;
    const called = calledWords(this.#webhooks, services?.uses.byUrl ?? new Map());
    const [subject, alsoProbed] = [this.#subject, this.#alsoProbed];
    const trail = trailOf(own, services?.uses);
    const around = { subject, base, alsoProbed, ports, webhooks, called };
    return [...this.#edits(trail), ...ownSpecIn(this.#session), ...habitsIn(trail, around)];
  }

  #edits(trail: readonly TrailRequest[]): readonly Finding[] {
    const { edited, missed } = editsIn(trail, this.#defined);
    if (missed.length > 0)
      this.#unknowns.limit(
        `it deletes what was not there, and what it never made: ${missed.join(', ')}; whether that is of others is not known`,
      );
    return edited.length === 0 ? [] : [{ aspect: 'edits-others', probe: 'all that it asked for', evidence: edited }];
  }

  #tellEgress(): void {
    const { egress } = this.#session;
    if (egress === undefined) this.#unknowns.gap('whom it talks to besides the API server is not known');
    const tell = (aspect: Finding['aspect'], evidence: readonly string[]): void => {
      const told = [...new Set(evidence.map(withWords))];
      if (told.length > 0) this.#findings.push({ aspect, probe: 'its connections', evidence: told });
    };
    const { foreign = [] } = this.#session.services ?? {};
    tell('egress', [
      ...(egress?.filter((one) => !isService(one)) ?? []),
      ...foreign.filter((one) => !isService(one)).map((one) => `${one} (by the URL of a webhook; it was not called)`),
    ]);
    tell('calls-workloads', egress?.filter(isService) ?? []);
    if (egress?.length && this.#session.network === 'isolated')
      this.#unknowns.gap(
        'nobody but the API server could be reached: what it does with the answers of others is not known',
      );
    const { network, isWatched } = this.#session;
    if (network === 'isolated' && !isWatched)
      this.#unknowns.limit('packets cannot be watched here: it is not seen to whom it sends UDP without a connection');
    if (network !== 'open') return;
    if (!egress?.length)
      this.#unknowns.limit(
        'it was looked at for connections, in the network of the machine: one that lasts less than 50 ms may not be seen',
      );
    const why = this.#session.hasOpenUdp ? ', and it had sockets for that' : ', if it does';
    this.#unknowns.limit(
      `in the network of the machine it is not seen to whom it sends UDP without a connection${why}`,
    );
  }

  async #try(name: string, probe: () => Promise<readonly Finding[]>): Promise<void> {
    await this.#step(name, async () => ({ findings: await probe() }));
  }

  /** Does something, if there is time for it, and keeps what was found; undefined: it was not done to its end. */
  async #step<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
    if (this.#deadline.isOver) {
      this.#skipped.push(name);
      return undefined;
    }
    this.#onProgress(name);
    const [from, began] = [this.#session.seen, performance.now()];
    try {
      const done = await work();
      const { findings = [] } = (done ?? {}) as { readonly findings?: readonly Finding[] };
      const requests = this.#session.linesFrom(from).slice(0, MOST_REQUESTS);
      const shown = requests.map((line) =>
        line.length > LONGEST_REQUEST ? `${line.slice(0, LONGEST_REQUEST)}…` : line,
      );
      const told = (finding: Finding): Finding => ({
        requests: shown,
        ...finding,
        evidence: finding.evidence.map(withWords),
      });
      this.#findings.push(...findings.map(told));
      this.#steps.push({ name, tookMs: Math.round(performance.now() - began) });
      return done;
    } catch (error) {
      if (!this.#deadline.isOver) {
        await this.#revive(name, error);
        return undefined;
      }
      this.#unknowns.cut(`${name}: ${this.#deadline.why} meanwhile`);
      return undefined;
    }
  }

  /** Starts it anew if it ended; what fails at the first resource, or again and again, is not worth it. */
  async #revive(name: string, error: unknown): Promise<void> {
    if (!(error instanceof OperatorFailure) || this.#base === undefined || ++this.#crashes > MOST_CRASHES) throw error;
    this.#findings.push({ aspect: 'crashes', probe: name, evidence: [error.message] });
    this.#unknowns.gap(`${name}: it ended by itself meanwhile`);
    await this.#session.restart();
  }
}

/** The leaves that there are to try. */
function leavesIn({ sample, schema }: Subject): readonly string[] {
  const spec = isJsonObject(sample.spec) ? sample.spec : {};
  return [...new Set(leavesOf(spec, schema).map(({ path }) => pointerOf(path)))];
}

function leavesTold(report: LeafReport | undefined, all: readonly string[]): Coverage['leaves'] {
  const { exercised = new Set(), influence = new Map(), refused = [] } = report ?? {};
  return {
    all: all.length,
    exercised: exercised.size,
    refused,
    withoutEffect: all.filter((leaf) => exercised.has(leaf) && !influence.has(leaf)),
    untried: all.filter((leaf) => !exercised.has(leaf)),
  };
}

/** What comes of a resource each time. */
function withoutRandom(outcome: Outcome, random: ReadonlySet<string>): Outcome {
  const differs = [...random];
  const isStable = ({ ref }: WantedObject): boolean => !differs.some((line) => line.startsWith(`${shownRef(ref)}: `));
  return new Map([...outcome].filter(([, object]) => isStable(object)));
}
