import { type Condition, isBadNews } from '../statuses/index.ts';

/** Something that is wrong with an object, as its status says. */
export interface Trouble {
  /** That of the condition. */
  readonly reason: string;
  readonly note: string;
}

interface Part {
  readonly name?: string;
  readonly controllerName?: string;
  readonly parentRef?: { readonly name: string; readonly sectionName?: string };
  readonly ancestorRef?: { readonly name: string };
  readonly conditions?: readonly Condition[];
}

type Status = Readonly<Record<string, unknown>> | undefined;

/** What passes by itself is not worth telling. */
const PASSING: ReadonlySet<string> = new Set(['Pending']);

/** What a status says of an object that is wrong and that the one before did not say, in the order of the status. */
export function newTroubles(before: Status, after: Status, controllerName: string): readonly Trouble[] {
  const known = new Set(troublesOf(before, controllerName).map(textOf));
  return troublesOf(after, controllerName).filter((trouble) => !known.has(textOf(trouble)));
}

function troublesOf(status: Status, controllerName: string): Trouble[] {
  const own: Part = { conditions: status?.conditions as Part['conditions'] };
  const parts = ['listeners', 'parents', 'ancestors'].flatMap((field) => (status?.[field] ?? []) as Part[]);
  return [own, ...parts]
    .filter((part) => part.controllerName === undefined || part.controllerName === controllerName)
    .flatMap((part) => (part.conditions ?? []).filter(isWorthTelling).map((condition) => troubleOf(part, condition)));
}

function isWorthTelling(condition: Condition): boolean {
  return isBadNews(condition) && !PASSING.has(condition.reason);
}

function troubleOf({ name, parentRef, ancestorRef }: Part, { type, reason, message }: Condition): Trouble {
  const section = parentRef?.sectionName === undefined ? '' : `/${parentRef.sectionName}`;
  const parent = parentRef ?? ancestorRef;
  const where = name === undefined ? '' : `listener ${name}: `;
  const forWhom = parent === undefined ? '' : `${parent.name}${section}: `;
  return { reason, note: `${where}${forWhom}${type}: ${message}` };
}

function textOf({ reason, note }: Trouble): string {
  return `${reason} ${note}`;
}
