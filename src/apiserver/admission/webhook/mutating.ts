import {
  applyJsonPatch,
  checkJsonPatch,
  cloneJson,
  errorText,
  jsonEqual,
  type JsonValue,
  newInternalError,
  parseJson,
} from 'nekube/apimachinery';
import type { AdmissionAttributes, AdmissionPlugin } from '../../admission.ts';
import type { PluginDeps } from '../plugin-deps.ts';
import { isExempt } from '../match/rules.ts';
import { type Invocation, Versions } from '../match/versioned.ts';
import { askWebhook, failedClosed, outOfTime, WebhookFailure } from './call.ts';
import { type Hook, Hooks } from './configurations.ts';
import { invocationOf } from './invocation.ts';
import { matchingOf } from './matching.ts';

const NAME = 'MutatingAdmissionWebhook';

/** Asks the mutating webhooks, one after the other, each about what the ones before it have made of the object. */
export function mutatingWebhooks(deps: PluginDeps): AdmissionPlugin {
  const hooks = new Hooks(deps.informers.of('admissionregistration.k8s.io', 'v1', 'mutatingwebhookconfigurations'));
  const matching = matchingOf(deps);
  return {
    name: NAME,
    async mutate(attributes) {
      const all = hooks.list();
      if (all.length === 0 || isExempt(attributes)) return;
      const versions = new Versions(attributes, deps.webhooks);
      const round = Round.of(attributes);
      try {
        for (const [index, hook] of all.entries()) {
          const invocation = await invocationOf(hook, attributes, versions, matching);
          if (invocation === undefined || !round.includes(hook)) continue;
          await ask({ deps, hook, index, attributes, invocation, versions, round });
        }
        await versions.writeBack();
      } finally {
        round.end(attributes);
      }
    },
  };
}

/** A webhook that is asked about a request, in one of its rounds. */
interface Turn {
  readonly deps: PluginDeps;
  readonly hook: Hook;
  /** Its place among all webhooks. */
  readonly index: number;
  readonly attributes: AdmissionAttributes;
  readonly invocation: Invocation;
  readonly versions: Versions;
  readonly round: Round;
}

async function ask(turn: Turn): Promise<void> {
  const { hook, attributes, round } = turn;
  const { failurePolicy, reinvocationPolicy } = hook.webhook;
  let changed = false;
  let failure: unknown;
  try {
    changed = await callAndPatch(turn);
  } catch (error) {
    failure = error;
  }
  const about = { configuration: hook.configuration, webhook: hook.webhook.name };
  annotate(turn, 'mutation.', JSON.stringify({ ...about, mutated: changed }));
  if (changed) {
    round.askAgain();
    attributes.reinvocation.requested = true;
  }
  if (reinvocationPolicy === 'IfNeeded') round.asked(hook);
  if (failure === undefined) return;
  if (!(failure instanceof WebhookFailure) || failurePolicy !== 'Ignore') throw failedClosed(failure);
  annotate(turn, 'failed-open.mutation.', hook.webhook.name);
  if (attributes.life.isOver) throw outOfTime();
}

function annotate({ attributes, round, index }: Turn, what: string, value: string, level?: 'Request'): void {
  attributes.annotate(`${what}webhook.admission.k8s.io/round_${round.number}_index_${index}`, value, level);
}

/** @returns whether the object was changed */
async function callAndPatch(turn: Turn): Promise<boolean> {
  const { deps, hook, attributes, invocation, versions } = turn;
  const objects = await versions.of(invocation);
  const verdict = await askWebhook(deps.webhooks, { hook, attributes, invocation, objects, mutating: true });
  if (verdict.patch === '') return false;
  const patch = decodePatch(hook, verdict.patch);
  if (patch.length === 0) return false;
  if (objects.object === undefined)
    throw newInternalError(
      `admission webhook "${hook.webhook.name}" attempted to modify the object, which is not supported for this operation`,
    );
  if (verdict.patchType !== 'JSONPatch')
    throw new WebhookFailure(hook, `unsupported patch type "${verdict.patchType}"`);
  const patched = applyJsonPatch(objects.object as unknown as JsonValue, patch);
  const changed = await versions.replace(invocation, patched);
  const about = { configuration: hook.configuration, webhook: hook.webhook.name };
  annotate(turn, 'patch.', JSON.stringify({ ...about, patch, patchType: 'JSONPatch' }), 'Request');
  return changed;
}

function decodePatch(hook: Hook, base64: string): JsonValue[] {
  try {
    const patch = parseJson(Buffer.from(base64, 'base64').toString());
    if (patch === null) return [];
    checkJsonPatch(patch);
    return patch as JsonValue[];
  } catch (error) {
    const why = errorText(error);
    throw new WebhookFailure(hook, `received undecodable patch in webhook response: ${why}`, error);
  }
}

/** What the webhooks of a request know from the first round in the second. */
class Round {
  #last: JsonValue | undefined;
  #asked = new Set<string>();
  readonly #again = new Set<string>();
  number = 0;

  static of({ reinvocation, object }: AdmissionAttributes): Round {
    const known = reinvocation.values.get(NAME) as Round | undefined;
    const round = known ?? new Round();
    reinvocation.values.set(NAME, round);
    if (!reinvocation.again) return round;
    round.number = 1;
    // plugins before the webhooks may have changed the object meanwhile
    if (!jsonEqual(round.#last, object)) round.askAgain();
    return round;
  }

  /** In the second round only those are asked that want to be, and that were asked before a change. */
  includes({ uid }: Hook): boolean {
    return this.number === 0 || this.#again.has(uid);
  }

  asked({ uid }: Hook): void {
    this.#asked.add(uid);
  }

  /** The object has changed: those that were asked before see it once more. */
  askAgain(): void {
    for (const uid of this.#asked) this.#again.add(uid);
    this.#asked = new Set();
  }

  end({ object }: AdmissionAttributes): void {
    this.#last = object && (cloneJson(object) as unknown as JsonValue);
  }
}
