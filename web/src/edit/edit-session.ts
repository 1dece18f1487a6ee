import { signal } from '@preact/signals';
import { type JsonValue, type KubeObject, parseJson, stringifyJson } from 'nekube/apimachinery';
import { type ApiStatus, isApiError, request } from '../api/http.ts';
import { dropDraft, type Kept, keepDraft, readDraft } from './drafts.ts';
import { editableText, restored } from './edit-text.ts';
import { causesOf, type Decided, NOTHING_DECIDED, type Plan } from './plan-model.ts';
import { type LineProblem, readText, serverProblems, stepsOf } from './yaml-check.ts';

/** What came of asking the server. */
export type Told =
  | { readonly type: 'refused'; readonly status: ApiStatus }
  /** The object or its owners changed between plan and apply: nothing was written, and it was planned anew. */
  | { readonly type: 'raced'; readonly conflict: boolean }
  | { readonly type: 'applied'; readonly name: string };

/** An edit from its first letter to its apply: what is typed, what is planned for it, what is decided. Nothing typed is lost. */
export class EditSession {
  readonly plan = signal<Plan | undefined>(undefined);
  /** The text that was planned; what is typed since is not in the plan. */
  readonly plannedText = signal<string | undefined>(undefined);
  readonly decided = signal<Decided>(NOTHING_DECIDED);
  readonly busy = signal<'plan' | 'apply' | undefined>(undefined);
  readonly told = signal<Told | undefined>(undefined);
  readonly text: ReturnType<typeof signal<string>>;
  readonly kept = signal<Kept>('tab');
  readonly hadDraft: boolean;
  /** What is edited, as it was when that began; undefined: it is to be new. */
  base: KubeObject | undefined;
  initial: string;
  readonly #address: string;
  #keeping: ReturnType<typeof setTimeout> | undefined;

  constructor(address: string, base: KubeObject | undefined, initial: string) {
    const draft = readDraft(address);
    // what was begun on an object that is another one by now is not of this one
    const isOf = draft !== undefined && draft.base?.metadata.uid === base?.metadata.uid;
    this.#address = address;
    this.base = isOf ? draft.base : base;
    this.initial = isOf && draft.base !== undefined ? editableText(draft.base) : initial;
    this.hadDraft = isOf && draft.text !== this.initial;
    this.text = signal(isOf ? draft.text : initial);
  }

  get isEdited(): boolean {
    return this.text.value !== this.initial;
  }

  typed(text: string): void {
    this.text.value = text;
    if (this.told.peek()?.type === 'applied') this.told.value = undefined;
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => this.keep(), 250);
  }

  /** Keeps what is typed beyond this page. */
  keep(): void {
    clearTimeout(this.#keeping);
    if (this.text.peek() === this.initial) dropDraft(this.#address);
    else this.kept.value = keepDraft(this.#address, { text: this.text.peek()!, base: this.base });
  }

  discard(): void {
    clearTimeout(this.#keeping);
    dropDraft(this.#address);
    this.text.value = this.initial;
    this.forgetPlan();
  }

  forgetPlan(): void {
    this.plan.value = undefined;
    this.plannedText.value = undefined;
    this.decided.value = NOTHING_DECIDED;
    this.told.value = undefined;
  }

  /** Begins anew from another state of the object; what is typed stays. */
  rebase(base: KubeObject | undefined, text: string): void {
    this.base = base;
    this.initial = base === undefined ? '' : editableText(base);
    this.text.value = text;
    this.plan.value = undefined;
    this.keep();
  }

  /** Decides something beside what is decided by now, which may be more than is drawn. */
  decide(change: (decided: Decided) => Decided): void {
    this.decided.value = change(this.decided.peek());
  }

  /** Asks what the server would make of it, as it is decided. Gives what is wrong with lines. */
  async makePlan(told?: Told): Promise<readonly LineProblem[]> {
    this.keep();
    const text = this.text.peek()!;
    const read = readText(text);
    if ('problem' in read) {
      this.forgetPlan();
      return [read.problem];
    }
    this.busy.value = 'plan';
    this.told.value = told;
    try {
      const plan = await this.#ask<Plan>('/console/edit/plan', read.object, this.decided.peek());
      const now = new Set(plan.fields.map(({ path }) => path));
      this.plan.value = plan;
      this.plannedText.value = text;
      if (plan.error?.code === 403) this.told.value = { type: 'refused', status: plan.error };
      // what is not in conflict any more needs no decision; what was decided while the server was asked stands
      this.decide((decided) => ({
        ...decided,
        conflicts: new Map([...decided.conflicts].filter(([path]) => now.has(path))),
      }));
      return plan.error === undefined ? [] : problemsOf(plan.error, text);
    } catch (error) {
      this.plan.value = undefined;
      return this.#failed(error, text);
    } finally {
      this.busy.value = undefined;
    }
  }

  /** Carries out what was planned, as it was decided. */
  async apply(): Promise<readonly LineProblem[]> {
    const text = this.text.peek()!;
    const plan = this.plan.peek();
    const read = readText(text);
    if (plan === undefined || this.plannedText.peek() !== text || 'problem' in read) return this.makePlan();
    this.busy.value = 'apply';
    this.told.value = undefined;
    const decided = this.decided.peek();
    try {
      const { object } = await this.#ask<{ readonly object: KubeObject }>('/console/edit/apply', read.object, decided, {
        planned: plan.resourceVersion,
      });
      clearTimeout(this.#keeping);
      dropDraft(this.#address);
      // it is no draft any more
      this.initial = text;
      this.forgetPlan();
      this.told.value = { type: 'applied', name: object.metadata.name ?? '' };
      return [];
    } catch (error) {
      this.busy.value = undefined;
      if (isApiError(error, 409)) {
        const conflict = causesOf(error.status).length > 0;
        return await this.makePlan({ type: 'raced', conflict });
      }
      return this.#failed(error, text);
    } finally {
      this.busy.value = undefined;
    }
  }

  async #ask<T>(path: string, edited: KubeObject, decided: Decided, more: object = {}): Promise<T> {
    const { base } = this;
    const body = stringifyJson({
      object: base === undefined ? edited : restored(edited, base),
      ...(base !== undefined && { base }),
      decide: [...decided.conflicts].map(([path, decision]) => `${decision}=${path}`),
      remove: [...decided.removals],
      ...more,
    } as never);
    const answer = await request(path, { method: 'POST', body });
    return parseJson(await answer.text()) as T;
  }

  #failed(error: unknown, text: string): readonly LineProblem[] {
    const status = isApiError(error) ? error.status : { message: (error as Error).message };
    this.told.value = { type: 'refused', status };
    return problemsOf(status, text);
  }
}

function problemsOf(status: ApiStatus, text: string): LineProblem[] {
  const read = readText(text);
  return 'problem' in read ? [] : serverProblems(read.root, causesOf(status));
}

/** The steps to a field of a plan in what was typed: items are named by their keys there, and by their place here. */
export function stepsTo(path: string, object: unknown): (string | number)[] {
  const steps: (string | number)[] = [];
  let at: unknown = object;
  for (const [, name, within] of path.matchAll(/\.([^.[\]]+)|\[((?:"(?:[^"\\]|\\.)*"|[^\]"])*)\]/g)) {
    const step = name ?? stepIn(within!, at);
    steps.push(step);
    at = (at as Record<string | number, unknown> | undefined | null)?.[step];
  }
  return steps;
}

function stepIn(within: string, at: unknown): string | number {
  if (/^\d+$/.test(within)) return Number(within);
  const keys = [...within.matchAll(/([\w-]+)=("(?:[^"\\]|\\.)*"|[^,]+)/g)].map(
    ([, key, value]) => [key!, value!] as const,
  );
  if (Array.isArray(at) && keys.length > 0) {
    const index = at.findIndex((item) =>
      keys.every(([key, value]) => textOf((item as Record<string, unknown> | null)?.[key]) === value),
    );
    if (index >= 0) return index;
  }
  if (within.startsWith('=') && Array.isArray(at)) return at.findIndex((item) => textOf(item) === within.slice(1));
  return stepsOf(`[${within}]`)[0] ?? within;
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : stringifyJson(value as JsonValue);
}
