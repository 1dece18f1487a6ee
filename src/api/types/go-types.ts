import { readFileSync } from 'node:fs';

/** The file `facts/go-types.json`, which a Go program writes by reflection (see `tools/facts`). */
export interface GoFacts {
  readonly kubernetes: string;
  /** `apiVersion/Kind` to the name of the struct. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly structs: Readonly<Record<string, readonly string[]>>;
  /** Named types that are no structs, and what they are. */
  readonly named: Readonly<Record<string, string>>;
  /** Types with a JSON form of their own, and the fields of their protobuf messages. */
  readonly custom: Readonly<Record<string, readonly string[]>>;
}

/** A field of a Go struct as encoding/json sees it. */
export interface GoField {
  /** The JSON name; the Go name of an embedded struct. */
  readonly name: string;
  /** The type as Go spells it, with packages by their short paths: `[]core/v1.Container`. */
  readonly type: string;
  /** The protobuf number; 0 where there is none. */
  readonly number: number;
  /** Left out when empty; this never holds for a struct. */
  readonly omitEmpty: boolean;
  /** Left out when zero. */
  readonly omitZero: boolean;
  /** An embedded struct: its fields are written in its place. */
  readonly embedded: boolean;
  /** Strategies of strategic merge patch. */
  readonly patchStrategies: readonly string[];
  /** The field by which such a patch tells the elements of a list; empty for none. */
  readonly patchMergeKey: string;
}

let facts: GoFacts | undefined;
const parsed = new Map<string, readonly GoField[]>();

/** The Go types of all built-in kinds: read at the first call, then kept. */
export function goFacts(): GoFacts {
  facts ??= JSON.parse(readFileSync(new URL('../facts/go-types.json', import.meta.url), 'utf8')) as GoFacts;
  return facts;
}

/** The fields of a struct in Go's order. @throws TypeError for a name that is no struct. */
export function goFields(struct: string): readonly GoField[] {
  let fields = parsed.get(struct);
  if (fields === undefined) {
    const lines = goFacts().structs[struct] ?? goFacts().custom[struct];
    if (lines === undefined) throw new TypeError(`no Go struct "${struct}"`);
    fields = lines.map(parseField);
    parsed.set(struct, fields);
  }
  return fields;
}

function parseField(line: string): GoField {
  const [name, type, number, tags = ''] = line.split(' ') as [string, string, string, string?];
  const [flags, strategies, mergeKey] = tags.split('/') as [string, string?, string?];
  const embedded = name.startsWith('~');
  return {
    name: embedded ? name.slice(1) : name,
    type,
    number: Number(number),
    omitEmpty: flags.includes('e'),
    omitZero: flags.includes('z'),
    embedded,
    patchStrategies: strategies?.split(',') ?? [],
    patchMergeKey: mergeKey ?? '',
  };
}
