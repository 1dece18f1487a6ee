import { ParseError, parseQuantity, Quantity } from 'nekube/apimachinery';
import { defineFunction, type FunctionDeclaration, globalOverload, memberOverload } from '../function.ts';
import { BOOL, type CelType, DOUBLE, INT, objectType, STRING } from '../type.ts';
import { CelError, type CelValue, noSuchOverload, TypeValue } from '../value.ts';
import { LibraryValue } from './library-value.ts';

const QUANTITY_TYPE: CelType = objectType('kubernetes.Quantity');
const INT64_MAX = 2n ** 63n - 1n;

/** A quantity. */
class QuantityValue extends LibraryValue {
  readonly type: TypeValue = new TypeValue(QUANTITY_TYPE.name);
  readonly quantity: Quantity;
  /** The sum or difference of others; nothing can be compared with it, only it with others. */
  readonly computed: boolean;

  constructor(quantity: Quantity, computed = false) {
    super();
    this.quantity = quantity;
    this.computed = computed;
  }

  isSame(other: this): boolean | CelError {
    return other.computed ? noSuchOverload() : this.quantity.cmp(other.quantity) === 0;
  }
}

/** `quantity()`, `isQuantity()`, arithmetic and comparisons. */
export const QUANTITY_LIBRARY: readonly FunctionDeclaration[] = [
  defineFunction('quantity', [
    globalOverload('string_to_quantity', [STRING], QUANTITY_TYPE, (text) => toQuantity(text as string)),
  ]),
  defineFunction('isQuantity', [
    globalOverload('is_quantity_string', [STRING], BOOL, (text) => !(toQuantity(text as string) instanceof CelError)),
  ]),
  defineFunction('sign', [globalOverload('quantity_sign', [QUANTITY_TYPE], INT, (q) => BigInt(read(q).sign()))]),
  comparison('isGreaterThan', 'quantity_is_greater_than', BOOL, (order) => order === 1),
  comparison('isLessThan', 'quantity_is_less_than', BOOL, (order) => order === -1),
  comparison('compareTo', 'quantity_compare_to', INT, BigInt),
  defineFunction('asApproximateFloat', [
    memberOverload('quantity_get_float', [QUANTITY_TYPE], DOUBLE, (q) => approximate(read(q))),
  ]),
  defineFunction('asInteger', [
    memberOverload(
      'quantity_get_int',
      [QUANTITY_TYPE],
      INT,
      (q) => asInteger(read(q)) ?? new CelError('cannot convert value to integer'),
    ),
  ]),
  defineFunction('isInteger', [
    memberOverload('quantity_is_integer', [QUANTITY_TYPE], BOOL, (q) => asInteger(read(q)) !== undefined),
  ]),
  arithmetic('add', 'quantity_add', (a, b) => a.add(b)),
  arithmetic('sub', 'quantity_sub', subtract),
];

function comparison(name: string, id: string, result: CelType, show: (order: number) => CelValue): FunctionDeclaration {
  const params = [QUANTITY_TYPE, QUANTITY_TYPE];
  return defineFunction(name, [memberOverload(id, params, result, (a, b) => show(read(a).cmp(read(b))))]);
}

function arithmetic(name: string, id: string, apply: (a: Quantity, b: Quantity) => Quantity): FunctionDeclaration {
  const compute = (a: CelValue, b: Quantity) => new QuantityValue(apply(read(a), b), true);
  return defineFunction(name, [
    memberOverload(id, [QUANTITY_TYPE, QUANTITY_TYPE], QUANTITY_TYPE, (a, b) => compute(a, read(b))),
    memberOverload(`${id}_int`, [QUANTITY_TYPE, INT], QUANTITY_TYPE, (a, b) =>
      compute(a, new Quantity(b as bigint, 0, 'DecimalExponent')),
    ),
  ]);
}

/** The least int64 has no opposite: taken from an int64 that is not negative it is added, as in Go. */
function subtract(a: Quantity, b: Quantity): Quantity {
  const wraps = b.unscaled === -INT64_MAX - 1n && b.exponent === 0 && (asInteger(a) ?? -1n) >= 0n;
  return wraps ? a.add(b) : a.sub(b);
}

function read(value: CelValue | undefined): Quantity {
  return (value as QuantityValue).quantity;
}

function toQuantity(text: string): QuantityValue | CelError {
  try {
    return new QuantityValue(parseQuantity(text));
  } catch (error) {
    if (error instanceof ParseError) return new CelError(error.message);
    throw error;
  }
}

/** The value where apimachinery holds it in an int64, without decimals; `1000m` and `1.0` are not so. */
function asInteger({ unscaled, exponent, big }: Quantity): bigint | undefined {
  if (big || exponent < 0) return undefined;
  if (unscaled === 0n) return 0n;
  const value = exponent > 18 ? undefined : unscaled * 10n ** BigInt(exponent);
  return value !== undefined && value <= INT64_MAX && value >= -INT64_MAX - 1n ? value : undefined;
}

/** As apimachinery approximates: the digits as a double, times a power of ten as a double. */
function approximate({ unscaled, exponent }: Quantity): number {
  const power = exponent > 308 ? Number.POSITIVE_INFINITY : Number(`1e${exponent}`);
  return exponent === 0 ? Number(unscaled) : Number(unscaled) * power;
}
