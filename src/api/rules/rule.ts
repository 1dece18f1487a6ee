import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  type JsonValue,
  jsonEqual,
  notSupported,
  Path,
  required as requiredError,
  type TextFault,
} from 'nekube/apimachinery';

/** What a check may look at beside its value, and where it reports. */
export interface RuleContext {
  /** Defects found so far, in the order of kube-apiserver's. */
  readonly errors: FieldError[];
  /** The object being validated, whole. */
  readonly object: Loose;
  /** The stored object, on update only. */
  readonly old: Loose | undefined;
}

/** An object whose shape the schema has already checked, so that rules look into it freely. */
// biome-ignore lint: see above
export type Loose = any;

/**
 * One check of a value at a path: pushes what is wrong onto `context.errors`.
 *
 * The value has been decoded against its schema, so types need no check; a missing one is `undefined`, which every
 * check but {@link required} accepts.
 */
export type Check = (value: Loose, path: Path, context: RuleContext) => void;

/** One check or several in order. */
export type Checks = Check | readonly Check[];

/** Runs checks on a value. */
export function run(checks: Checks, value: Loose, path: Path, context: RuleContext): void {
  if (typeof checks === 'function') checks(value, path, context);
  else for (const check of checks) check(value, path, context);
}

/** Checks of the fields of a struct, in the given order; each is called also when its field is missing. */
export function fields(rules: Readonly<Record<string, Checks>>): Check {
  const entries = Object.entries(rules);
  return (value, path, context) => {
    if (value === undefined || value === null) return;
    for (const [name, checks] of entries) run(checks, value[name], path.child(name), context);
  };
}

/** The same checks on every element of a list, at `path[i]`. */
export function each(...checks: Check[]): Check {
  return (list, path, context) => {
    if (!Array.isArray(list)) return;
    list.forEach((item, i) => run(checks, item, path.index(i), context));
  };
}

/** True where Go sees a zero value: absent, null, `""`, 0, false, an empty list or map. */
export function isEmpty(value: Loose): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** `Required value: detail` for a zero value. */
export function required(detail = ''): Check {
  return (value, path, { errors }) => {
    if (isEmpty(value)) errors.push(requiredError(path, detail));
  };
}

/** `Unsupported value` unless the value is one of these; supported values are printed in the given order. */
export function oneOf(...supported: string[]): Check {
  return (value, path, { errors }) => {
    if (value !== undefined && !supported.includes(value)) errors.push(notSupported(path, value, supported));
  };
}

/** Runs a text validator (see `nekube/apimachinery` names) and reports each message as an invalid value. */
export function matches(validate: (text: string) => readonly string[]): Check {
  return (value, path, { errors }) => {
    if (value === undefined) return;
    for (const message of validate(value)) errors.push(invalid(path, value, message));
  };
}

/** `must be greater than or equal to 0`. */
export const nonNegative: Check = (value, path, { errors }) => {
  if (value !== undefined && value < 0) errors.push(invalid(path, value, 'must be greater than or equal to 0'));
};

/** `must be between A and B, inclusive`. */
export function between(low: number, high: number): Check {
  return (value, path, { errors }) => {
    if (value !== undefined && (value < low || value > high))
      errors.push(invalid(path, value, `must be between ${low} and ${high}, inclusive`));
  };
}

/** Reports an invalid value with this text when the test is true. */
export function invalidIf(test: (value: Loose, context: RuleContext) => boolean, detail: string): Check {
  return (value, path, context) => {
    if (value !== undefined && test(value, context)) context.errors.push(invalid(path, value, detail));
  };
}

/** Checks that apply only when the test is true. */
export function when(test: (value: Loose, context: RuleContext) => boolean, ...checks: Check[]): Check {
  return (value, path, context) => {
    if (test(value, context)) run(checks, value, path, context);
  };
}

/** Checks that apply only to a value that is there: in Go, a pointer that is not nil. */
export function defined(...checks: Check[]): Check {
  return (value, path, context) => {
    if (value !== undefined && value !== null) run(checks, value, path, context);
  };
}

/** Checks that apply only to a value that is not zero. */
export function present(...checks: Check[]): Check {
  return (value, path, context) => {
    if (!isEmpty(value)) run(checks, value, path, context);
  };
}

/** `Required value: detail` for a zero value; the checks for any other. */
export function requiredAnd(detail: string, ...checks: Check[]): Check {
  return (value, path, context) => {
    if (isEmpty(value)) context.errors.push(requiredError(path, detail));
    else run(checks, value, path, context);
  };
}

/** `Required value` for a zero value, `Unsupported value` for any other that is not one of these. */
export function requiredOneOf(...supported: string[]): Check {
  return requiredAnd('', oneOf(...supported));
}

/** `Required value: detail` for a missing struct or list; the checks for any other, also an empty one. */
export function given(detail: string, ...checks: Check[]): Check {
  return (value, path, context) => {
    if (value === undefined || value === null) context.errors.push(requiredError(path, detail));
    else run(checks, value, path, context);
  };
}

/** Runs a text validator that names the faulty part, which is reported as the value. */
export function faultless(find: (text: string) => readonly TextFault[]): Check {
  return (text, path, { errors }) => {
    for (const { value, message } of find(text ?? '')) {
      errors.push(value === undefined ? requiredError(path, message) : invalid(path, value, message));
    }
  };
}

/** One member of a union whose members are optional fields of one struct. */
export interface UnionMember {
  readonly field: string;
  readonly checks: Checks;
  /** Where its checks report, if not at its field. */
  readonly at?: string;
  /** Where `Forbidden` is reported when it is not the first member, if not at its field. */
  readonly forbiddenAt?: string;
  /** It is checked, and not forbidden, also when it is not the first. */
  readonly always?: boolean;
}

/** Checks of a union: the first member that is set is checked, further ones are forbidden, none is `Required`. */
export function union(members: readonly UnionMember[], tooMany: string, none: string): Check {
  return (value, path, context) => {
    const set = members.filter(({ field }) => value[field] !== undefined && value[field] !== null);
    set.forEach(({ field, checks, at = field, forbiddenAt = field, always }, i) => {
      if (i === 0 || always) run(checks, value[field], path.child(at), context);
      else context.errors.push(forbidden(path.child(forbiddenAt), tooMany));
    });
    if (set.length === 0) context.errors.push(requiredError(path, none));
  };
}

/** `Duplicate value` at the second of two elements with the same key; elements without a key are passed over. */
export function unique(keyOf: (item: Loose) => string | undefined, at: (path: Path) => Path = (p) => p): Check {
  return (list, path, { errors }) => {
    const seen = new Set<string>();
    (list ?? []).forEach((item: Loose, i: number) => {
      const key = keyOf(item);
      if (key === undefined) return;
      if (seen.has(key)) errors.push(duplicate(at(path.index(i)), key));
      seen.add(key);
    });
  };
}

/** `field is immutable` when the value differs from the stored one (Go's ValidateImmutableField). */
export function checkImmutable(
  value: JsonValue | undefined,
  old: JsonValue | undefined,
  path: Path,
  errors: FieldError[],
): void {
  if (!jsonEqual(value ?? null, old ?? null)) errors.push(invalid(path, value, 'field is immutable'));
}

/** Validates an object with checks and returns its defects. */
export function validateWith(checks: Checks, object: Loose, old?: Loose): FieldError[] {
  const context: RuleContext = { errors: [], object, old };
  run(checks, object, Path.root, context);
  return context.errors;
}
