/** A manager gave a field a value that it did not have before. */
export interface FieldWrite {
  /** The object and the path, as a text that is compared only. */
  readonly field: string;
  /** Undefined where it is not known who it was. */
  readonly manager: string | undefined;
  /** As a text that is compared only; undefined: the field was removed. */
  readonly value: string | undefined;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** What counts as a drift war. */
export interface WarRules {
  /** A value must return so often within this time. */
  readonly windowMs: number;
  /** So often must one manager bring back one value that another replaced. */
  readonly returns: number;
}

/** A field that managers take from each other. */
export interface War {
  readonly field: string;
  /** Who writes against each other, the one that brings its value back first; and what each wrote last. */
  readonly sides: readonly { readonly manager: string; readonly value: string | undefined }[];
  /** When the value that returned was written at first, and when anybody last wrote. */
  readonly since: number;
  readonly last: number;
  readonly writes: number;
  /** How often a value came back. */
  readonly returns: number;
  /** How long it takes until a value is back, on average. */
  readonly periodMs: number;
  readonly writesPerHour: number;
}

/** What became of a field. */
export interface WarEvent {
  readonly type: 'begun' | 'ended';
  readonly war: War;
}

/** So many turns of a field are remembered, whatever the window. */
const MOST_TURNS = 256;

const HOUR_MS = 3_600_000;
/** What was seen for less than a minute says little of an hour. */
const SHORTEST_MS = 60_000;

/** What is known of a field: its turns within the window, oldest first, and the returns among them. */
interface FieldState {
  readonly turns: Turn[];
  readonly returns: Return[];
  war: War | undefined;
}

/** Writes by one manager with none by others between; what it wrote last. So who is alone with a field takes little room. */
interface Turn {
  readonly manager: string | undefined;
  readonly value: string | undefined;
  readonly time: number;
  readonly writes: number;
}

interface Return {
  readonly manager: string;
  readonly value: string | undefined;
  /** When the manager had written it before. */
  readonly since: number;
  readonly time: number;
}

/**
 * Finds drift wars in writes, which come field by field in the order in which they were made. A war is a value that
 * returns: A writes v1, others write something else, A writes v1 again, so often within a window. Hence what one manager
 * does alone is none, whatever it does; nor is a value that only grows; nor one rollback. Who is unknown proves nothing.
 *
 * Pure but for what it remembers, which is bounded by the fields that were written within the window.
 */
export class WarDetector {
  readonly #rules: WarRules;
  readonly #fields = new Map<string, FieldState>();

  constructor(rules: WarRules) {
    this.#rules = rules;
  }

  /** Takes a write; gives the war that it begins. */
  observe(write: FieldWrite): WarEvent | undefined {
    const state = this.#stateOf(write.field);
    const { turns, returns } = state;
    const last = turns.at(-1);
    if (last !== undefined && last.value === write.value) return undefined;
    this.#forget(state, write.time);
    const back = returnBy(write, turns);
    addTurn(write, turns);
    if (back !== undefined) returns.push(back);
    if (returns.length > MOST_TURNS) returns.shift();
    if (state.war !== undefined) {
      state.war = prolonged(state.war, write, returns, back !== undefined);
      return undefined;
    }
    if (back === undefined || countOf(back, returns) < this.#rules.returns) return undefined;
    state.war = warOf(write.field, state);
    return { type: 'begun', war: state.war };
  }

  /** Tells which wars ended, no value having returned within the window, and forgets fields that nobody writes. */
  settle(now: number): WarEvent[] {
    const ended: WarEvent[] = [];
    for (const [field, state] of this.#fields) {
      const { war } = state;
      const lastReturn = state.returns.at(-1)?.time ?? Number.NEGATIVE_INFINITY;
      if (war !== undefined && lastReturn <= now - this.#rules.windowMs) {
        state.war = undefined;
        state.returns.length = 0;
        ended.push({ type: 'ended', war });
      }
      const lastWrite = state.turns.at(-1)?.time ?? Number.NEGATIVE_INFINITY;
      if (state.war === undefined && lastWrite <= now - this.#rules.windowMs) this.#fields.delete(field);
    }
    return ended;
  }

  /** The wars that go on. */
  get wars(): War[] {
    return [...this.#fields.values()].flatMap(({ war }) => war ?? []);
  }

  /** How many fields are remembered. */
  get size(): number {
    return this.#fields.size;
  }

  #stateOf(field: string): FieldState {
    let state = this.#fields.get(field);
    if (state === undefined) this.#fields.set(field, (state = { turns: [], returns: [], war: undefined }));
    return state;
  }

  /** Of a war that goes on all is kept that fits: it says since when. */
  #forget(state: FieldState, now: number): void {
    if (state.war !== undefined) return;
    const oldest = now - this.#rules.windowMs;
    while (state.turns.length > 0 && state.turns[0]!.time < oldest) state.turns.shift();
    while (state.returns.length > 0 && state.returns[0]!.since < oldest) state.returns.shift();
  }
}

function addTurn({ manager, value, time }: FieldWrite, turns: Turn[]): void {
  const last = turns.at(-1);
  const goesOn = last !== undefined && last.manager === manager;
  if (goesOn) turns.pop();
  turns.push({ manager, value, time, writes: goesOn ? last.writes + 1 : 1 });
  if (turns.length > MOST_TURNS) turns.shift();
}

/** The return that a write is: its manager wrote the same before, and since then others wrote something else. */
function returnBy({ manager, value, time }: FieldWrite, turns: readonly Turn[]): Return | undefined {
  if (manager === undefined) return undefined;
  let wasReplaced = false;
  for (let i = turns.length - 1; i >= 0; i--) {
    const earlier = turns[i]!;
    if (earlier.manager !== manager) {
      wasReplaced ||= earlier.manager !== undefined && earlier.value !== value;
      continue;
    }
    return wasReplaced && earlier.value === value ? { manager, value, since: earlier.time, time } : undefined;
  }
  return undefined;
}

function countOf(one: Return, returns: readonly Return[]): number {
  return returns.filter(({ manager, value }) => manager === one.manager && value === one.value).length;
}

/** The war that the returns of a field are: of the managers that brought a value back, and all who wrote since. */
function warOf(field: string, { turns, returns }: FieldState): War {
  const since = Math.min(...returns.map((one) => one.since));
  const taken = turns.filter(({ time }) => time >= since);
  const sides = new Map<string, string | undefined>(returns.map(({ manager, value }) => [manager, value]));
  for (const { manager, value } of taken) if (manager !== undefined) sides.set(manager, value);
  // of the turn that it began with, only the last write belongs to it
  const writes = taken.reduce((sum, turn) => sum + turn.writes, 0) - (taken[0]!.writes - 1);
  const last = turns.at(-1)!.time;
  return {
    field,
    sides: sidesOf(sides),
    since,
    last,
    writes,
    returns: returns.length,
    ...ratesOf(writes, since, last, returns),
  };
}

/** A war after one more write. */
function prolonged(war: War, write: FieldWrite, returns: readonly Return[], isReturn: boolean): War {
  const sides = new Map(war.sides.map(({ manager, value }) => [manager, value]));
  if (write.manager !== undefined) sides.set(write.manager, write.value);
  const writes = war.writes + 1;
  return {
    ...war,
    sides: sidesOf(sides),
    last: write.time,
    writes,
    returns: war.returns + (isReturn ? 1 : 0),
    ...ratesOf(writes, war.since, write.time, returns),
  };
}

function sidesOf(sides: ReadonlyMap<string, string | undefined>): War['sides'] {
  return [...sides].map(([manager, value]) => ({ manager, value }));
}

function ratesOf(
  writes: number,
  since: number,
  last: number,
  returns: readonly Return[],
): Pick<War, 'periodMs' | 'writesPerHour'> {
  const spans = returns.map((one) => one.time - one.since);
  return {
    periodMs: spans.reduce((sum, span) => sum + span, 0) / spans.length,
    writesPerHour: writes / (Math.max(last - since, SHORTEST_MS) / HOUR_MS),
  };
}
