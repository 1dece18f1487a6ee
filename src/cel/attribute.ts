import type { Frame, Step } from './frame.ts';
import { goType } from './kind.ts';
import { qualify, qualifyIfPresent } from './selection.ts';
import { CelError, type CelValue, Optional, Uint } from './value.ts';

/** A planned node. */
export interface Planned {
  readonly run: Step;
  /** Its value, if that is known already. */
  readonly constant?: CelValue;
  /**
   * A name with selections, whose cost is one for the name and one for each selection. Where its value is an index or the
   * branch of a condition the name costs nothing: `bare` is without it.
   */
  readonly bare?: Step;
  /** What `bare` is made of, so that it can be selected from further. */
  readonly attribute?: Attribute;
}

/** A value and what is selected from it. */
export interface Attribute {
  readonly base: Step;
  readonly qualifiers: readonly Qualifier[];
  /** The attribute costs nothing itself, only what it is made of. */
  readonly free: boolean;
}

/** One selection: `.field`, `[index]` or, optional, `.?field`, `[?index]`. */
export interface Qualifier {
  readonly key: Step;
  /** The key, where it is known. */
  readonly constant?: CelValue;
  readonly optional: boolean;
  /** Only whether the key is there is asked for. */
  readonly testOnly?: boolean;
}

/** A node whose value is known. */
export function constant(value: CelValue): Planned {
  return { run: () => value, constant: value };
}

/** A name: it costs 1, where it is not part of something that counts it. */
export function named(base: Step): Planned {
  return attribute({ base, qualifiers: [], free: false });
}

/** A value and what is selected from it, as a node. */
export function attribute(made: Attribute): Planned {
  const bare = resolve(made);
  return { bare, run: made.free ? bare : spending(bare, 1), attribute: made };
}

/** A selection costs 1; one from what is no name costs 1 more, for the attribute that this makes. */
export function qualified(operand: Planned, qualifier: Qualifier): Planned {
  const before = operand.attribute ?? { base: operand.run, qualifiers: [], free: false };
  return attribute({ ...before, qualifiers: [...before.qualifiers, qualifier] });
}

/** As a branch of a condition, an optional in an optional is one. */
export function flattened(step: Step): Step {
  return (frame) => {
    const value = step(frame);
    const inner = value instanceof Optional ? value.value : undefined;
    return inner instanceof Optional ? Optional.of(inner.value ?? null) : value;
  };
}

/** A key that is known. */
export function constantKey(key: CelValue): { readonly key: Step; readonly constant: CelValue } {
  return { key: () => key, constant: key };
}

/** The value of an attribute, without the cost of the attribute itself. */
function resolve({ base, qualifiers }: Attribute): Step {
  if (qualifiers.length === 0) return base;
  const steps = qualifiers.map(plainStep);
  const isPlain = qualifiers.every(({ optional }) => !optional);
  return (frame) => {
    let value = base(frame);
    if (value instanceof CelError) return value;
    if (!isPlain || value instanceof Optional) return resolveOptional(frame, value, qualifiers);
    for (let i = 0; i < steps.length; i++) {
      value = steps[i]!(frame, value);
      if (value instanceof CelError) return value;
    }
    return value;
  };
}

function plainStep({ key, constant: known, testOnly }: Qualifier): (frame: Frame, value: CelValue) => CelValue {
  if (testOnly)
    return (frame, value) => {
      frame.spend(1);
      const found = qualifyIfPresent(value, known!);
      return found instanceof CelError ? found : found !== undefined;
    };
  if (known !== undefined)
    return (frame, value) => {
      frame.spend(1);
      return qualify(value, known);
    };
  return (frame, value) => {
    const index = key(frame);
    frame.spend(1);
    if (index instanceof CelError) return index;
    return wrongKey(index) ?? qualify(value, index);
  };
}

/** From an optional value or selection on, all selections may find nothing, and what they find is optional. */
function resolveOptional(frame: Frame, from: CelValue, qualifiers: readonly Qualifier[]): CelValue {
  let isOptional = false;
  let value = from;
  if (from instanceof Optional) {
    if (from.value === undefined) return from;
    isOptional = true;
    value = from.value;
  }
  for (const qualifier of qualifiers) {
    isOptional ||= qualifier.optional;
    const found = isOptional ? optionalStep(frame, value, qualifier) : plainStep(qualifier)(frame, value);
    if (found === undefined) return Optional.none;
    if (found instanceof CelError) return found;
    value = found;
  }
  return isOptional ? Optional.of(value) : value;
}

/** It costs nothing where nothing is found. */
function optionalStep(frame: Frame, value: CelValue, { key }: Qualifier): CelValue | undefined {
  const index = key(frame);
  if (index instanceof CelError) return index;
  const found = wrongKey(index) ?? qualifyIfPresent(value, index);
  if (found !== undefined && !(found instanceof CelError)) frame.spend(1);
  return found;
}

/** The error of what can be no key of anything. */
export function wrongKey(key: CelValue): CelError | undefined {
  if (typeof key !== 'object' || key instanceof Uint) return undefined;
  return new CelError(`invalid qualifier type: ${goType(key)}`);
}

/** It costs so much when it is done, whatever came of it. */
export function spending(step: Step, cost: number): Step {
  return (frame) => {
    const value = step(frame);
    frame.spend(cost);
    return value;
  };
}
