import { formatGoFloat, invalid } from 'nekube/apimachinery';
import type { Outcome } from './outcome.ts';
import type { StructuralSchema } from './schema.ts';

const INT32 = 2n ** 31n;
const INT64 = 2n ** 63n;
const MAX_FLOAT32 = 3.4028235677973366e38;
const EPSILON = 1e-9;

/**
 * Checks a number by its range, `multipleOf`, `minimum` and `maximum`, in this order. A bound that does not fit the type
 * is told as a defect itself, and is compared as a float.
 */
export function checkNumber(
  value: number | bigint,
  schema: StructuralSchema,
  format: string,
  path: string,
  outcome: Outcome,
): void {
  const check = new NumberCheck(value, schema, format, path, outcome);
  check.fits(value, 'Checked');
  check.multiple();
  check.bound('minimum');
  check.bound('maximum');
  outcome.matched();
}

class NumberCheck {
  readonly #value: number | bigint;
  readonly #schema: StructuralSchema;
  readonly #format: string;
  readonly #path: string;
  readonly #outcome: Outcome;

  constructor(value: number | bigint, schema: StructuralSchema, format: string, path: string, outcome: Outcome) {
    this.#value = value;
    this.#schema = schema;
    this.#format = format;
    this.#path = path;
    this.#outcome = outcome;
  }

  get #type(): string {
    return this.#schema['x-kubernetes-int-or-string'] ? '' : (this.#schema.type ?? '');
  }

  /** Go compares whole numbers as integers, with the bounds cut to integers. */
  #wholeValue(bound: number): { value: bigint; bound: bigint } | undefined {
    const { whole } = wholeOf(this.#value);
    const isInt64 = typeof this.#value === 'bigint' || Number.isSafeInteger(this.#value);
    return isInt64 && this.#inRange(bound) ? { value: whole, bound: BigInt(Math.trunc(bound)) } : undefined;
  }

  #inRange(value: number | bigint): boolean {
    const { isWhole, whole } = wholeOf(value);
    if (this.#type === 'integer') {
      const limit = this.#format === 'int32' ? INT32 : INT64;
      return isWhole && whole >= -limit && whole < limit;
    }
    return this.#format !== 'float' || Math.abs(Number(value)) < MAX_FLOAT32;
  }

  fits(value: number | bigint, what: string): void {
    if (this.#inRange(value)) return;
    const wanted = this.#format === '' ? '(default format)' : `with format ${this.#format}`;
    this.#outcome.addText(`${what} value must be of type ${this.#type} ${wanted} in ${this.#path}`);
  }

  multiple(): void {
    const factor = this.#schema.multipleOf ?? undefined;
    if (factor === undefined) return;
    this.fits(factor, 'MultipleOf');
    const whole = this.#wholeValue(factor);
    const positive = whole === undefined ? factor > 0 : whole.bound > 0n;
    const shown = whole === undefined ? formatGoFloat(factor) : String(whole.bound);
    const field = this.#outcome.name(this.#path) ?? '<nil>';
    if (!positive) {
      const text = `factor MultipleOf declared for ${this.#path} must be positive: ${shown}`;
      this.#outcome.add(invalid(field, whole === undefined ? factor : Number(whole.bound), text));
    } else if (!(whole === undefined ? isMultiple(Number(this.#value), factor) : whole.value % whole.bound === 0n)) {
      this.#outcome.add(invalid(field, this.#value, `${this.#path} in body should be a multiple of ${shown}`));
    }
  }

  bound(side: 'minimum' | 'maximum'): void {
    const bound = this.#schema[side] ?? undefined;
    if (bound === undefined) return;
    this.fits(bound, side === 'maximum' ? 'Maximum boundary' : 'Minimum boundary');
    const exclusive = this.#schema[side === 'maximum' ? 'exclusiveMaximum' : 'exclusiveMinimum'] ?? false;
    const whole = this.#wholeValue(bound);
    const order = whole === undefined ? compare(Number(this.#value), bound) : compare(whole.value, whole.bound);
    const beyond = side === 'maximum' ? order > 0 : order < 0;
    if (!beyond && !(exclusive && order === 0)) return;
    const relation = `${side === 'maximum' ? 'less' : 'greater'} than${exclusive ? '' : ' or equal to'}`;
    const shown = whole === undefined ? formatGoFloat(bound) : String(whole.bound);
    const text = `${this.#path} in body should be ${relation} ${shown}`;
    this.#outcome.add(invalid(this.#outcome.name(this.#path) ?? '<nil>', this.#value, text));
  }
}

function wholeOf(value: number | bigint): { isWhole: boolean; whole: bigint } {
  if (typeof value === 'bigint') return { isWhole: true, whole: value };
  return Number.isInteger(value) ? { isWhole: true, whole: BigInt(value) } : { isWhole: false, whole: 0n };
}

function compare<T extends number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** As a float allows to tell: to nine digits. */
function isMultiple(value: number, factor: number): boolean {
  const quotient = factor < 1 ? (1 / factor) * value : value / factor;
  if (!Number.isFinite(quotient) || Math.abs(quotient) > Number.MAX_SAFE_INTEGER) return false;
  const whole = Math.trunc(quotient);
  if (quotient === whole) return true;
  const difference = Math.abs(quotient - whole);
  return whole !== 0 && difference / (Math.abs(quotient) + Math.abs(whole)) < EPSILON;
}
