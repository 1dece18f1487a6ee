import { isStatusError, type JsonObject, type KubeObject, stringifyJson } from 'nekube/apimachinery';
import type { ApplyConflict, ApplyTarget, ContestedField, PolicySet, PolicyVerdict } from 'nekube/fieldpolicy';
import { identifierOf } from 'nekube/managedfields';
import { type Decision, formatPath, isMalformedPattern, parsePathPattern, patternOf, type Value } from 'nekube/smd';
import { type RequestContext, warn } from '../context.ts';
import type { DecideOwned, OwnedField } from '../field-manager/index.ts';
import { type CallerDecision, callerDecisionFor } from './caller-decisions.ts';
import type { ParkedApplies, ParkedKey, Question } from './parked-applies.ts';
import { type DecidedField, reportDecisions, strictestByPath, type Verdict } from './report.ts';

/** An apply whose conflicts may be decided. */
export interface DecidableApply {
  readonly target: ApplyTarget;
  /** Of the object, whatever part of it is applied to. */
  readonly apiVersion: string;
  readonly name: string;
  readonly force: boolean;
  readonly dryRun: boolean;
  /** The caller's own. */
  readonly decisions: readonly CallerDecision[];
  readonly configuration: JsonObject;
}

/** What applies are decided by. */
export interface DecisionSources {
  readonly policies: PolicySet;
  readonly parked: ParkedApplies;
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
      return written;
    } catch (error) {
      reportDecisions(this.#context, this.#decided, error);
      if (this.#question !== undefined && isStatusError(error, 'Conflict')) await this.#park(this.#question);
      throw error;
    }
  }

  #decide(live: KubeObject, fields: readonly OwnedField[], taken: () => KubeObject): readonly Decision[] {
    const { target } = this.#apply;
    const { name, groups } = this.#context.user;
    const contested = { ...target, user: { name, groups }, live, taken, now: this.#context.now };
    const verdicts = this.#sources.policies.decide(contested, fields satisfies readonly ContestedField[]);
    const key = this.#keyOf(live, fields);
    const parked = this.#sources.parked.find(key);
    const all = fields.map((field, i) => this.#verdict(field, verdicts[i], parked));
    this.#decided = strictestByPath(fields, all);
    this.#question = this.#questionOf(key, this.#decided);
    return this.#decided.map(({ verdict }) => verdict.decision);
  }

  #verdict(field: OwnedField, policy: PolicyVerdict | undefined, parked: ApplyConflict | undefined): Verdict {
    if (policy !== undefined && policy.decision !== 'ask')
      return {
        decision: policy.decision,
        by: `policy ${policy.policy}`,
        ...(policy.reason && { reason: policy.reason }),
      };
    const person = parked && personalDecision(parked, field);
    if (person !== undefined) return person;
    if (policy !== undefined) return this.#asked(policy);
    const own = callerDecisionFor(this.#apply.decisions, field.path);
    if (own !== undefined) {
      const { decision, pattern } = own;
      return { decision, by: `fieldDecision ${decision}=${pattern.text}` };
    }
    return { decision: this.#apply.force ? 'force' : 'fail' };
  }

  #asked({ policy, ttlSeconds }: PolicyVerdict): Verdict {
    const by = `policy ${policy}`;
    const { group, kind } = this.#apply.target;
    if (group === '' && kind === 'Secret')
      return {
        decision: 'fail',
        by,
        reason: 'it asks, and a Secret is not parked, since its values could be read there',
      };
    if (!this.#sources.parked.served)
      return { decision: 'fail', by, reason: 'it asks, and there is no ApplyConflict to ask by: nekube own install' };
    return { decision: 'fail', by, asks: { policy, ttlSeconds } };
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
      configuration: stringifyJson(configuration),
    };
  }

  /** A person is asked where that can help: nothing is refused anyway. */
  #questionOf(key: ParkedKey, decided: readonly DecidedField[]): Question | undefined {
    const asked = decided.find(({ verdict }) => verdict.asks)?.verdict.asks;
    const isOpen = ({ verdict }: DecidedField) => verdict.decision === 'fail' && (verdict.asks || !verdict.by);
    const open = decided.filter(isOpen);
    if (asked === undefined || decided.some((one) => one.verdict.decision === 'fail' && !isOpen(one))) return undefined;
    return {
      ...key,
      user: this.#context.user.name,
      ...asked,
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
      if (!isStatusError(error)) throw error;
      warn(context, `the apply cannot wait for a decision: ${error.message}`);
    }
  }
}

/** What a person decided about a field of a parked apply. */
function personalDecision({ metadata, spec }: ApplyConflict, { path }: OwnedField): Verdict | undefined {
  const found = spec.decisions?.find((one) => {
    const pattern = parsePathPattern(one.path);
    return one.path === formatPath(path) || (!isMalformedPattern(pattern) && pattern.matches(path));
  });
  if (found === undefined) return undefined;
  return {
    decision: found.decision.toLowerCase() as Decision,
    by: `ApplyConflict ${metadata.namespace}/${metadata.name}`,
  };
}

function textOf(value: Value | undefined): string | undefined {
  return value === undefined ? undefined : stringifyJson(value);
}
