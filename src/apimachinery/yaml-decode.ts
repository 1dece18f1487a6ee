import { goQuote } from './field-error.ts';
import { setMember } from './json.ts';
import { ParseError } from './parse-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './value.ts';
import type { YamlNode } from './yaml-compose.ts';
import { yamlError } from './yaml-error.ts';
import { formatFloat, formatFloat32, resolveScalar, type YamlScalar } from './yaml-resolve.ts';

/** Takes a decoded node: a scalar, or else a collection. */
type Put = (scalar: YamlScalar | undefined, collection: JsonValue) => void;

/** Below so many decoded nodes nearly all may come from aliases; above the second number only a tenth. */
const ALIAS_RATIO_LOW = 400_000;
const ALIAS_RATIO_HIGH = 4_000_000;

/**
 * Makes the JSON value of a document that sigs.k8s.io/yaml makes: keys become text, of duplicate keys the last wins.
 *
 * Aliases are expanded; a document that consists mostly of expansions is refused. Duplicate keys are added to
 * `duplicates`, e.g. `line 5: key "a" already set in map`. Not recursive.
 *
 * @throws ParseError with go-yaml's or sigs.k8s.io/yaml's message.
 */
export function decodeYaml(root: YamlNode, duplicates: string[]): JsonValue {
  return new Decoder(duplicates).decode(root);
}

/** A mapping being filled: by key's type and text, whether it is set. */
interface MapTarget {
  readonly object: JsonObject;
  readonly keys: Set<string>;
}

class Decoder {
  readonly #duplicates: string[];
  /** What is still to do, the next last. */
  readonly #work: (() => void)[] = [];
  readonly #expanding = new Set<YamlNode>();
  #decoded = 0;
  #fromAliases = 0;
  #keyProblem: string | undefined;
  #valueProblem: string | undefined;

  constructor(duplicates: string[]) {
    this.#duplicates = duplicates;
  }

  decode(root: YamlNode): JsonValue {
    let result: JsonValue = null;
    this.#visitValue(root, (value) => {
      result = value;
    });
    for (let task = this.#work.pop(); task !== undefined; task = this.#work.pop()) task();
    const problem = this.#keyProblem ?? this.#valueProblem;
    if (problem !== undefined) throw new ParseError(problem);
    return result;
  }

  #visit(node: YamlNode, put: Put): void {
    this.#count();
    if (node.kind === 'alias') this.#alias(node, put);
    else if (node.kind === 'sequence') this.#sequence(node, put);
    else if (node.kind === 'mapping') this.#mapping(node, put);
    else put(resolveScalar(node.tag, node.value, node.implicit), null);
  }

  /** Decodes a node that is not a key. */
  #visitValue(node: YamlNode, put: (value: JsonValue) => void): void {
    this.#visit(node, (scalar, collection) => put(scalar === undefined ? collection : this.#jsonOf(scalar)));
  }

  #count(): void {
    this.#decoded++;
    if (this.#expanding.size > 0) this.#fromAliases++;
    if (this.#fromAliases <= 100 || this.#decoded <= 1000) return;
    const scale = (this.#decoded - ALIAS_RATIO_LOW) / (ALIAS_RATIO_HIGH - ALIAS_RATIO_LOW);
    const allowed = 0.99 - 0.89 * Math.min(Math.max(scale, 0), 1);
    if (this.#fromAliases / this.#decoded > allowed) throw yamlError('document contains excessive aliasing');
  }

  #alias(node: YamlNode, put: Put): void {
    if (this.#expanding.has(node)) throw yamlError(`anchor '${node.value}' value contains itself`);
    this.#expanding.add(node);
    this.#work.push(() => this.#expanding.delete(node));
    this.#work.push(() => this.#visit(node.target!, put));
  }

  #sequence(node: YamlNode, put: Put): void {
    const list: JsonValue[] = [];
    const step = (i: number) => {
      const child = node.children[i];
      if (child === undefined) return put(undefined, list);
      this.#work.push(() => step(i + 1));
      this.#visitValue(child, (value) => list.push(value));
    };
    this.#work.push(() => step(0));
  }

  #mapping(node: YamlNode, put: Put): void {
    const target: MapTarget = { object: {}, keys: new Set() };
    this.#fill(node, target, () => put(undefined, target.object));
  }

  /** Puts the members of a mapping into `target`, then calls `done`. */
  #fill(node: YamlNode, target: MapTarget, done: () => void): void {
    const step = (i: number) => {
      const key = node.children[i];
      if (key === undefined) return done();
      const value = node.children[i + 1]!;
      this.#work.push(() => step(i + 2));
      if (isMerge(key)) this.#merge(value, target);
      else this.#visit(key, (scalar, collection) => this.#member(target, scalar, collection, value));
    };
    this.#work.push(() => step(0));
  }

  #member(target: MapTarget, scalar: YamlScalar | undefined, collection: JsonValue, value: YamlNode): void {
    if (scalar === undefined) throw yamlError(`invalid map key: ${goSyntax(collection)}`);
    this.#work.push(() =>
      this.#visitValue(value, (v) => {
        const identity = `${scalar.type} ${scalar.value}`;
        if (target.keys.has(identity))
          this.#duplicates.push(`line ${value.line + 1}: key ${goScalar(scalar)} already set in map`);
        target.keys.add(identity);
        const text = this.#keyText(scalar, v);
        if (text !== undefined) setMember(target.object, text, v);
      }),
    );
  }

  /** Merges the mapping that a `<<` key names, or a list of them, of which the first has precedence. */
  #merge(value: YamlNode, target: MapTarget): void {
    const isMapping = (n: YamlNode) => n.kind === 'mapping' || (n.kind === 'alias' && n.target!.kind === 'mapping');
    const sources = value.kind === 'sequence' ? value.children : [value];
    for (const source of sources) {
      this.#work.push(() => {
        if (!isMapping(source)) throw yamlError('map merge requires map or sequence of maps as the value');
        this.#mergeOne(source, target);
      });
    }
  }

  #mergeOne(source: YamlNode, target: MapTarget): void {
    this.#count();
    if (source.kind === 'mapping') return this.#fill(source, target, () => {});
    if (this.#expanding.has(source)) throw yamlError(`anchor '${source.value}' value contains itself`);
    this.#expanding.add(source);
    this.#work.push(() => this.#expanding.delete(source));
    this.#work.push(() => this.#mergeOne(source.target!, target));
  }

  /** JSON has no infinities; Go finds out when it writes the value. */
  #jsonOf(scalar: YamlScalar): JsonValue {
    if (scalar.type === 'int' || scalar.type === 'uint') return integerOf(scalar.value);
    if (scalar.type !== 'float') return scalar.value;
    const { value } = scalar;
    if (Number.isInteger(value) && Math.abs(value) < 1e21) return integerOf(BigInt(String(value)));
    if (Number.isFinite(value)) return value;
    const text = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
    this.#valueProblem ??= `json: unsupported value: ${text}`;
    return null;
  }

  #keyText(key: YamlScalar, value: JsonValue): string | undefined {
    if (key.type === 'null' || key.type === 'uint') {
      const type = key.type === 'null' ? '%!s(<nil>)' : 'uint64';
      this.#keyProblem ??= `unsupported map key of type: ${type}, key: ${goScalar(key)}, value: ${goSyntax(value)}`;
      return undefined;
    }
    return key.type === 'float' ? formatFloat32(key.value) : String(key.value);
  }
}

function isMerge(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === '<<' && (node.implicit || node.tag === 'tag:yaml.org,2002:merge');
}

/** As JSON and Go's int64 carry it: bigint only between 2^53 and 2^63. */
function integerOf(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) || BigInt.asIntN(64, value) !== value ? number : value;
}

/** A scalar as Go's `%#v` prints it. */
function goScalar(scalar: YamlScalar): string {
  if (scalar.type === 'null') return '<nil>';
  if (scalar.type === 'string') return goQuote(scalar.value);
  if (scalar.type === 'uint') return `0x${scalar.value.toString(16)}`;
  return scalar.type === 'float' ? formatFloat(scalar.value) : String(scalar.value);
}

/** A value as Go's `%#v` prints it. */
function goSyntax(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (typeof value === 'string') return goQuote(value);
  const nested = (v: JsonValue) => (v === null ? 'interface {}(nil)' : goSyntax(v));
  if (Array.isArray(value)) return `[]interface {}{${value.map(nested).join(', ')}}`;
  if (!isJsonObject(value)) return String(value);
  const members = Object.entries(value).map(([key, member]) => `${goQuote(key)}:${nested(member)}`);
  return `map[interface {}]interface {}{${members.join(', ')}}`;
}
