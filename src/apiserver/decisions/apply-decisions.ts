import {
  errorText,
  isJsonObject,
  isStatusError,
  type JsonObject,
  type KubeObject,
  stringifyJson,
} from 'nekube/apimachinery';
import {
  type ApplyConflict,
  type ApplyTarget,
  type ConflictVerdict,
  decideConflicts,
  type FieldDecision,
  type PolicySet,
} from 'nekube/fieldpolicy';
import { identifierOf } from 'nekube/managedfields';
import { type Decision, formatPath, isMalformedPattern, parsePathPattern, patternOf, type Value } from 'nekube/smd';
import { type RequestContext, warn } from '../context.ts';
import type { DecideOwned, OwnedField } from '../field-manager/index.ts';
import type { DecisionCounts } from './decision-counts.ts';
import type { ParkedApplies, ParkedKey, Question } from './parked-applies.ts';
import { type DecidedField, isDecided, reportDecisions } from './report.ts';

/** An apply whose conflicts may be decided. */
export interface DecidableApply {
  readonly target: ApplyTarget;
  /** Of the object, whatever part of it is applied to. */
  readonly apiVersion: string;
  readonly name: string;
  readonly force: boolean;
  readonly dryRun: boolean;
  /** The caller's own. */
  readonly decisions: readonly FieldDecision[];
  readonly configuration: JsonObject;
}

/** What applies are decided by. */
export interface DecisionSources {
  readonly policies: PolicySet;
  readonly parked: ParkedApplies;
  /** Where it is counted what policies decide. */
  readonly counts: Pick<DecisionCounts, 'add'>;
}

/**
 * Decides the conflicts of one apply: by policies, by what a person decided, by the caller, by force, in this order.
 *
 * The apply may be tried several times, of which the last one counts; it is told, and parked, when all is over.
 */
export class ApplyDecisions {
  readonly #context: RequestContext;
  readonly #apply: DecidableApply;
  readonly #sources: DecisionSources;
  #decided: readonly DecidedField[] = [];
  #question: Question | undefined;

  constructor(context: RequestContext, apply: DecidableApply, sources: DecisionSources) {
    this.#context = context;
    this.#apply = apply;
    this.#sources = sources;
  }

  /**
   * Begins a try.
   *
   * @param live the object before; undefined: it is to be created
   * @param wholeOf makes the object of what the apply makes, where that is a part of it
   * @returns what decides the conflicts of this try; undefined where there can be none
   */
  about(live: KubeObject | undefined, wholeOf = (applied: KubeObject): KubeObject => applied): DecideOwned | undefined {
    this.#decided = [];
    this.#question = undefined;
    if (live === undefined) return undefined;
    return (fields, taken) => this.#decide(live, fields, () => wholeOf(taken()));
  }

  /** Writes, and tells what was decided on the way; parks what waits for a person. */
  async report<T>(write: () => Promise<T>): Promise<T> {
    try {
      const written = await write();
      reportDecisions(this.#context, this.#decided, undefined);
      this.#count(this.#decided);
      return written;
    } catch (error) {
      reportDecisions(this.#context, this.#decided, error);
      // what else was decided was not carried out
      if (isStatusError(error, 'Conflict'))
        this.#count(this.#decided.filter(({ verdict: { decision } }) => decision === 'fail' || decision === 'ask'));
      if (this.#question !== undefined && isStatusError(error, 'Conflict')) await this.#park(this.#question);
      throw error;
    }
  }

  #count(decided: readonly DecidedField[]): void {
    if (!this.#apply.dryRun) this.#sources.counts.add(decided.map(({ verdict }) => verdict));
  }

  #decide(live: KubeObject, fields: readonly OwnedField[], taken: () => KubeObject): readonly Decision[] {
    const { target, decisions, force } = this.#apply;
    const { name, groups } = this.#context.user;
    const contested = { ...target, user: { name, groups }, live, taken, now: this.#context.now };
    const key = this.#keyOf(live, fields);
    const answers = answersOf(this.#sources.parked.find(key), fields);
    const verdicts = decideConflicts(this.#sources.policies, contested, fields, { decisions, force, answers });
    this.#decided = fields.map((field, i) => ({ field, verdict: this.#askable(verdicts[i]!) }));
    this.#question = this.#questionOf(key, this.#decided);
    return this.#decided.map(({ verdict: { decision } }) => (decision === 'ask' ? 'fail' : decision));
  }

  /** A person is asked by an object that others may read. */
  #askable(verdict: ConflictVerdict): ConflictVerdict {
    if (verdict.decision !== 'ask') return verdict;
    const { group, kind } = this.#apply.target;
    if (group === '' && kind === 'Secret')
      return { ...verdict, decision: 'fail', reason: 'a Secret is not parked, since its values could be read there' };
    if (this.#sources.parked.served) return verdict;
    return {
      ...verdict,
      decision: 'fail',
      reason: 'there is no ApplyConflict to ask by; nekube own install defines it',
    };
  }

  #keyOf({ metadata }: KubeObject, fields: readonly OwnedField[]): ParkedKey {
    const { target, apiVersion, name, configuration } = this.#apply;
    const { kind, subresource, namespace, manager } = target;
    const uid = metadata.uid ?? '';
    return {
      objectRef: { apiVersion, kind, name, uid, ...(subresource && { subresource }) },
      namespace,
      manager,
      conflicts: fields.map(({ owner, path }) => `${identifierOf(owner)} ${patternOf(path)}`),
      configuration: stringifyJson(withoutVersion(configuration)),
    };
  }

  /** A person is asked where that can help: nothing is refused anyway. */
  #questionOf(key: ParkedKey, decided: readonly DecidedField[]): Question | undefined {
    const asked = decided.find(({ verdict }) => verdict.decision === 'ask')?.verdict;
    if (asked === undefined || decided.some((one) => one.verdict.decision === 'fail' && isDecided(one)))
      return undefined;
    const open = decided.filter(({ verdict: { decision } }) => decision === 'ask' || decision === 'fail');
    return {
      ...key,
      user: this.#context.user.name,
      policy: asked.policy!,
      ttlSeconds: asked.ttlSeconds,
      open: open.map(({ field }) => {
        const [live, applied] = [textOf(field.live), textOf(field.applied)];
        return {
          path: patternOf(field.path),
          manager: field.owner.manager,
          ...(live !== undefined && { live }),
          ...(applied !== undefined && { applied }),
        };
      }),
    };
  }

  async #park(question: Question): Promise<void> {
    const context = this.#context;
    if (this.#apply.dryRun) return warn(context, 'the apply would wait for a decision; a dry run does not wait');
    try {
      const { namespace, name, until } = await this.#sources.parked.park(question);
      warn(context, `the apply waits for a decision as ApplyConflict ${namespace}/${name} until ${until}`);
    } catch (error) {
      // as by a store to which it is too large; the caller is to see the conflict all the same
      warn(context, `the apply cannot wait for a decision: ${errorText(error)}`);
    }
  }
}

/** What a person decided about the fields of a parked apply. */
function answersOf(
  parked: ApplyConflict | undefined,
  fields: readonly OwnedField[],
): ReadonlyMap<string, Decision> | undefined {
  const decisions = parked?.spec.decisions?.map(({ path, decision }) => ({
    pattern: parsePathPattern(path),
    decision: decision.toLowerCase() as Decision,
  }));
  if (decisions === undefined) return undefined;
  const answers = new Map<string, Decision>();
  for (const { path } of fields) {
    const found = decisions.find(({ pattern }) => !isMalformedPattern(pattern) && pattern.matches(path));
    if (found !== undefined) answers.set(formatPath(path), found.decision);
  }
  return answers;
}

/** Which version of the object an apply is for is no part of what it wants. */
function withoutVersion(configuration: JsonObject): JsonObject {
  const { metadata } = configuration;
  if (!isJsonObject(metadata) || metadata.resourceVersion === undefined) return configuration;
  const { resourceVersion: _, ...rest } = metadata;
  return { ...configuration, metadata: rest };
}

function textOf(value: Value | undefined): string | undefined {
  return value === undefined ? undefined : stringifyJson(value);
}
