import { type GoField, goFacts, goFields } from 'nekube/api';
import { GO_NAMES } from './go-names.ts';

/** Prints a value of a type that is no plain struct. */
export type PrintCustom = (value: unknown) => string;

const ZEROS: Readonly<Record<string, string>> = { string: '', bool: 'false', int32: '0', int64: '0' };

/**
 * Prints values of the API as go-spew prints Go's, with types and without methods, after protobuf has carried them: what
 * is empty is nil.
 */
export class GoDump {
  readonly #quantity: (text: string) => string;

  /** @param quantity How quantities are printed */
  constructor(quantity: (text: string) => string) {
    this.#quantity = quantity;
  }

  /** A value with its type before it, as all fields of a struct are printed. */
  typed(type: string, value: unknown): string {
    return `(${shortName(type)})${this.#bare(type, value)}`;
  }

  #bare(type: string, value: unknown): string {
    const isNull = value === undefined || value === null;
    if (type.startsWith('*')) return isNull ? '<nil>' : this.#bare(type.slice(1), value);
    if (type === 'resource.Quantity') return this.#quantity(String(value ?? '0'));
    const custom = CUSTOM[type];
    if (custom !== undefined) return custom(value);
    const known = goFacts().named[type] ?? type;
    if (known.startsWith('[]')) return this.#list(known.slice(2), value);
    if (known.startsWith('map[')) return this.#map(known.slice(known.indexOf(']') + 1), value);
    if (known in goFacts().structs) return this.#struct(known, (value ?? {}) as Record<string, unknown>);
    return isNull ? ZEROS[known]! : String(value);
  }

  #list(type: string, value: unknown): string {
    const items = (value ?? []) as readonly unknown[];
    return items.length === 0 ? '<nil>' : `[${items.map((item) => this.#bare(type, item)).join(' ')}]`;
  }

  #map(type: string, value: unknown): string {
    const entries = Object.entries((value ?? {}) as Record<string, unknown>);
    if (entries.length === 0) return '<nil>';
    entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return `map[${entries.map(([key, item]) => `${key}:${this.#bare(type, item)}`).join(' ')}]`;
  }

  #struct(type: string, value: Record<string, unknown>): string {
    const fields = goFields(type).map((field) => {
      // what is embedded has its fields in the same JSON object
      const content = field.embedded ? embeddedOf(field, value) : value[field.name];
      return `${goName(type, field)}:${this.typed(field.type, content)}`;
    });
    return `{${fields.join(' ')}}`;
  }
}

function embeddedOf({ type }: GoField, value: Record<string, unknown>): unknown {
  if (!type.startsWith('*')) return value;
  const isThere = goFields(type.slice(1)).some(({ name }) => value[name] !== undefined);
  return isThere ? value : undefined;
}

function goName(struct: string, { name, embedded }: GoField): string {
  if (embedded) return name;
  return GO_NAMES[`${shortName(struct)}.${name}`] ?? GO_NAMES[name] ?? name[0]!.toUpperCase() + name.slice(1);
}

/** Go prints the last part of a package's path. */
function shortName(type: string): string {
  return type.replace(/[\w.-]+\/(?=[\w]+\.)/g, '');
}

/** Types that are no plain structs, with what Go keeps in their private fields. */
const CUSTOM: Readonly<Record<string, PrintCustom>> = {
  'meta/v1.Time': (value) => {
    if (value === undefined || value === null)
      return '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}';
    const seconds = BigInt(Math.floor(Date.parse(String(value)) / 1000)) + 62_135_596_800n;
    return `{Time:(time.Time){wall:(uint64)0 ext:(int64)${seconds} loc:(*time.Location)<nil>}}`;
  },
  'intstr.IntOrString': (value) =>
    typeof value === 'string'
      ? `{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)${value}}`
      : `{Type:(intstr.Type)0 IntVal:(int32)${value ?? 0} StrVal:(string)}`,
  'meta/v1.FieldsV1': () => '{Raw:([]uint8)<nil>}',
};
