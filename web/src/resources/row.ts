import { type JsonValue, stringifyJson } from 'nekube/apimachinery';
import { isEmptyCell } from './measure.ts';

/** One object of a list: what its Table row says, and of its metadata what lists show and filter by. Never changed. */
export interface Row {
  /** The uid; where an object has none, its namespace and name. */
  readonly id: string;
  readonly name: string;
  /** Empty for what is in no namespace. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The labels' values in lower case, which words of a filter are searched in, too. */
  readonly labelText: string;
  /** When it was made, in ms; 0 when unknown. */
  readonly createdMs: number;
  readonly owners: readonly Owner[];
  readonly resourceVersion: string;
  readonly deleting: boolean;
  readonly cells: readonly string[];
  /** When the cells were computed, in ms: ages that stand in them count from here. */
  readonly seenMs: number;
  /** Values of the fields that the list was asked for, by path. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Name, namespace and cells in lower case, which words of a filter are searched in. */
  readonly text: string;
}

export interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly controller?: boolean;
}

/** A row of a Table as the server sends it. */
export interface TableRow {
  readonly cells: readonly unknown[];
  readonly object?: {
    readonly metadata?: {
      readonly name?: string;
      readonly namespace?: string;
      readonly uid?: string;
      readonly labels?: Readonly<Record<string, string>>;
      readonly creationTimestamp?: string | null;
      readonly resourceVersion?: string;
      readonly deletionTimestamp?: string;
      readonly ownerReferences?: readonly { kind: string; name: string; controller?: boolean }[];
    };
  };
}

/** Labels, and what a word is searched in of them. */
interface Labels {
  readonly labels: Readonly<Record<string, string>>;
  readonly labelText: string;
}

const NO_LABELS: Labels = { labels: {}, labelText: '' };
const NO_OWNERS: readonly Owner[] = [];

/** Shares what rows have in common: pods of one template have the same labels, and most cells recur. */
export class RowMaker {
  readonly #labels = new Map<string, Labels>();
  readonly #texts = new Map<string, string>();
  readonly #fields: readonly string[];

  constructor(fields: readonly string[]) {
    this.#fields = fields;
  }

  make(row: TableRow, nowMs: number): Row {
    const { metadata = {} } = row.object ?? {};
    const cells = row.cells.map((cell) => this.#shared(cellText(cell)));
    const name = metadata.name ?? cells[0] ?? '';
    const namespace = this.#shared(metadata.namespace ?? '');
    const { labels, labelText } = metadata.labels ? this.#sharedLabels(metadata.labels) : NO_LABELS;
    return {
      id: metadata.uid ?? `${namespace}/${name}`,
      name,
      namespace,
      labels,
      labelText,
      createdMs: metadata.creationTimestamp ? Date.parse(metadata.creationTimestamp) : 0,
      owners: metadata.ownerReferences?.map(({ kind, name, controller }) => ({ kind, name, controller })) ?? NO_OWNERS,
      resourceVersion: metadata.resourceVersion ?? '',
      deleting: metadata.deletionTimestamp !== undefined,
      cells,
      seenMs: nowMs,
      fields: this.#fields.length === 0 ? undefined : this.#valuesOf(row.object),
      text: searched(name, namespace, cells),
    };
  }

  #valuesOf(object: unknown): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#fields.map((path) => [path, this.#shared(fieldText(object, path))]));
  }

  #shared(text: string): string {
    if (text.length > 40) return text;
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size < 20_000) this.#texts.set(text, text);
    return text;
  }

  #sharedLabels(labels: Readonly<Record<string, string>>): Labels {
    const key = JSON.stringify(labels);
    const known = this.#labels.get(key);
    if (known) return known;
    const made = { labels, labelText: Object.values(labels).join('\n').toLowerCase() };
    if (this.#labels.size < 20_000) this.#labels.set(key, made);
    return made;
  }
}

function cellText(cell: unknown): string {
  if (typeof cell === 'string') return cell;
  return cell === null || cell === undefined
    ? ''
    : typeof cell === 'object'
      ? stringifyJson(cell as JsonValue)
      : String(cell);
}

/** What a word is searched in; ages are not part of it, since nobody looks for them by a letter. */
function searched(name: string, namespace: string, cells: readonly string[]): string {
  const said = cells.filter((cell) => cell !== name && !isEmptyCell(cell) && !/^\d+[smhd](\d+[smhd])*$/.test(cell));
  return [name, namespace, ...said].join('\n').toLowerCase();
}

/** The segments of a path: `spec.containers[0].image`, `.metadata.labels['a.b/c']`; undefined when it is none. */
export function parsePath(path: string): (string | number)[] | undefined {
  const segments: (string | number)[] = [];
  let rest = path.startsWith('.') || path.startsWith('[') ? path : `.${path}`;
  while (rest !== '') {
    const match = /^(?:\.([A-Za-z_$][\w$-]*)|\[(\d+|\*)\]|\[(['"])(.+?)\3\])/.exec(rest);
    if (!match) return undefined;
    const index = match[2];
    segments.push(match[1] ?? match[4] ?? (index === '*' ? '*' : Number(index)));
    rest = rest.slice(match[0].length);
  }
  return segments.length === 0 ? undefined : segments;
}

/** What every object has by itself, as `constructor`, is no field. */
function ownValue(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string | number, unknown>)[key]
    : undefined;
}

/** The value at a path as text; several of a list (`[*]`, or a field of a list's items) with commas between. */
function fieldText(object: unknown, path: string): string {
  const segments = parsePath(path);
  if (!segments) return '';
  let values: unknown[] = [object];
  for (const segment of segments) {
    if (typeof segment === 'string') values = values.flatMap((value) => (Array.isArray(value) ? value : [value]));
    if (segment === '*') continue;
    values = values.map((value) => ownValue(value, segment));
  }
  return values
    .filter((value) => value !== undefined && value !== null)
    .map(cellText)
    .join(',');
}
