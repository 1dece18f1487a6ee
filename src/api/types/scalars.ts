import { cloneJson, canonicalMicroTime, canonicalQuantity, canonicalTime, isParseError } from 'nekube/apimachinery';
import { type Codec, Mismatch, sortedJson } from './codec.ts';

const never = () => false;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Go's string, also under another name. */
export const stringCodec: Codec = {
  decode(value) {
    if (typeof value !== 'string') throw new Mismatch();
    return value;
  },
  zero: () => '',
  isEmpty: (written) => written === '',
};

/** Go's bool. */
export const boolCodec: Codec = {
  decode(value) {
    if (typeof value !== 'boolean') throw new Mismatch();
    return value;
  },
  zero: () => false,
  isEmpty: (written) => written === false,
};

/** An integer of Go that fits a JavaScript number. */
function smallIntCodec(low: number, high: number, wrap: (value: bigint) => bigint): Codec {
  return {
    decode(value, state) {
      if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high)
        return value === 0 ? 0 : value; // no negative zero
      if (state.fromMap && (typeof value === 'bigint' || Number.isInteger(value)))
        return Number(wrap(toInt64(value as number | bigint)));
      throw new Mismatch();
    },
    zero: () => 0,
    isEmpty: (written) => written === 0,
  };
}

/** Go's int32. */
export const int32Codec = smallIntCodec(-(2 ** 31), 2 ** 31 - 1, (value) => BigInt.asIntN(32, value));

/** Go's uint8. */
export const uint8Codec = smallIntCodec(0, 255, (value) => BigInt.asUintN(8, value));

/** Go's int64: a bigint only beyond 2^53. */
export const int64Codec: Codec = {
  decode(value, state) {
    if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
    if (typeof value === 'bigint' || (state.fromMap && Number.isInteger(value))) {
      const exact = state.fromMap ? toInt64(value as number | bigint) : (value as bigint);
      if (exact < INT64_MIN || exact > INT64_MAX) throw new Mismatch();
      return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
    }
    throw new Mismatch();
  },
  zero: () => 0,
  isEmpty: (written) => written === 0,
};

/** A float without fraction as processors convert it: out of range, it becomes the smallest integer. */
function toInt64(value: number | bigint): bigint {
  const exact = BigInt(value);
  return exact < INT64_MIN || exact > INT64_MAX ? INT64_MIN : exact;
}

/** Go's float64. */
export const float64Codec: Codec = {
  decode(value) {
    if (typeof value === 'bigint') return Number(value);
    if (typeof value !== 'number') throw new Mismatch();
    return value;
  },
  zero: () => 0,
  isEmpty: (written) => written === 0,
};

/** Go's interface{}: any JSON, its objects read into maps. */
export const anyCodec: Codec = { decode: sortedJson, zero: () => null, isEmpty: (written) => written === null };

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Go's []byte: base64 text, or a list of numbers. */
export const bytesCodec: Codec = {
  decode(value, state) {
    if (typeof value === 'string') return canonicalBase64(value);
    if (!Array.isArray(value)) throw new Mismatch();
    const bytes = value.map((item) => (item === null ? 0 : (uint8Codec.decode(item, state) as number)));
    return Buffer.from(bytes).toString('base64');
  },
  zero: () => null,
  isEmpty: (written) => written === '' || written === null,
};

/** Standard base64 as Go writes it back: without line breaks, and with unused bits zero. */
function canonicalBase64(text: string): string {
  const joined = /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]/g, '') : text;
  if (!BASE64.test(joined)) throw new Mismatch();
  return joined.endsWith('=') ? Buffer.from(joined, 'base64').toString('base64') : joined;
}

/** Runs a reader of apimachinery; what it refuses is a mismatch. */
function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (e) {
    if (isParseError(e)) throw new Mismatch();
    throw e;
  }
}

/** resource.Quantity: text or a number, written back in canonical form. */
export const quantityCodec: Codec = {
  decode(value) {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') throw new Mismatch();
    return reading(() => canonicalQuantity(String(value).trim()));
  },
  zero: () => '0',
  isEmpty: never,
};

function timeCodec(canonical: (text: string) => string | null): Codec {
  return {
    decode(value) {
      if (typeof value !== 'string') throw new Mismatch();
      return reading(() => canonical(value));
    },
    zero: () => null,
    isEmpty: never,
  };
}

/** metav1.Time: whole seconds in UTC; null when zero. */
export const time = timeCodec(canonicalTime);

/** metav1.MicroTime: six decimals in UTC; null when zero. */
export const microTime = timeCodec(canonicalMicroTime);

/** intstr.IntOrString: an int32 or a text. */
export const intOrStringCodec: Codec = {
  decode(value, state) {
    return typeof value === 'string'
      ? value
      : int32Codec.decode(value, state.fromMap ? { ...state, fromMap: false } : state);
  },
  zero: () => 0,
  isEmpty: never,
};

/** JSON that Go keeps as bytes (runtime.RawExtension, metav1.FieldsV1); a map has lost the order of its keys. */
export const rawCodec: Codec = {
  decode: (value, state) => (state.fromMap ? sortedJson(value) : cloneJson(value)),
  zero: () => null,
  isEmpty: never,
};

/** JSON that Go reads into maps on its way to the internal version, so that keys come out sorted. */
export const jsonCodec: Codec = { decode: sortedJson, zero: () => null, isEmpty: never };
