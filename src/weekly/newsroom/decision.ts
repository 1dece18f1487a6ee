import type { Status } from 'nekube/apimachinery';
import { type StoryObject, type StorySpec, WEEKLY_API } from '../resources/kinds.ts';

/** What editors decide of a story: whether, where, in what order and by whom it is told. */
const DECIDED = ['state', 'issueRef', 'section', 'presenter', 'order'] as const;

/** See `DECIDED`; what is absent is left as it is. */
export type Decision = Pick<StorySpec, (typeof DECIDED)[number]>;

/** An apply that decides. */
export interface DecisionApply {
  readonly fieldManager: string;
  readonly configuration: {
    readonly apiVersion: string;
    readonly kind: 'Story';
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec: Decision;
  };
}

/**
 * What an editor applies to decide something of a story: it, and what this editor decided of it before. Decisions have a manager of their
 * own beside the editor's, so that they leave alone the text that the same editor applied; two who decide differently are in conflict.
 */
export function decisionApply(story: StoryObject, editor: string, decision: Decision): DecisionApply {
  const { name, namespace } = story.metadata;
  const fieldManager = `${editor}.decisions`;
  const spec = { ...decidedBefore(story, fieldManager), ...decision };
  const configuration = {
    apiVersion: WEEKLY_API,
    kind: 'Story',
    metadata: { name: name!, namespace: namespace! },
    spec,
  } as const;
  return { fieldManager, configuration };
}

function decidedBefore({ metadata, spec }: StoryObject, manager: string): Decision {
  const entry = metadata.managedFields?.find((one) => one.manager === manager && one.operation === 'Apply');
  const owned = (entry?.fieldsV1 as { readonly 'f:spec'?: object } | undefined)?.['f:spec'] ?? {};
  return Object.fromEntries(DECIDED.filter((field) => `f:${field}` in owned).map((field) => [field, spec[field]]));
}

/** What these own gives way to any editor: feeds propose a section, and nobody decided it. */
const MACHINES = new Set(['weekly-feed', 'weekly-story', 'nekube-weekly']);

/**
 * Applies as an editor, and by force if that is in conflict with no other person: what one wrote by creating an object, or decided, is no other
 * one's either. Rejects as `apply` did, if it is.
 *
 * @param apply errors of it have the server's answer as `status`, as those of clients have
 */
export async function applyOverMachines<T>(editor: string, apply: (force: boolean) => Promise<T>): Promise<T> {
  try {
    return await apply(false);
  } catch (error) {
    const { status } = error as { readonly status?: Partial<Status> };
    if (status?.reason !== 'Conflict' || !isAgainstMachines(status, editor)) throw error;
    return await apply(true);
  }
}

function isAgainstMachines({ details }: Pick<Status, 'details'>, self: string): boolean {
  const own = [self, `${self}.decisions`];
  const causes = details?.causes ?? [];
  const managers = causes.map(({ message }) => /^conflict with "([^"]+)"/.exec(message ?? '')?.[1] ?? '');
  return managers.length > 0 && managers.every((manager) => own.includes(manager) || MACHINES.has(manager));
}

/** A place between two stories of a section, by their `order`; undefined: there is no room, and the section is to be numbered anew. */
export function orderBetween(before: number | undefined, after: number | undefined): number | undefined {
  if (before === undefined) return after === undefined ? ORDER_STEP : after - ORDER_STEP;
  if (after === undefined) return before + ORDER_STEP;
  const middle = Math.floor((before + after) / 2);
  return middle > before ? middle : undefined;
}

/** Stories are numbered by it, so that there is room between them. */
export const ORDER_STEP = 10;
