import { isMap, type Value, type ValueMap } from '../value/value.ts';
import { textOfName } from './element-text.ts';
import { fieldElement, indexElement, keyElement, PathElement, valueElement } from './path-element.ts';
import { emptySet, type FieldNode, FieldSet } from './set.ts';

/** Says why a text or value is no FieldsV1. */
export interface MalformedFields {
  readonly malformed: string;
}

/** How deep a set may nest. Objects of real kinds stay below 30; the bound keeps hostile input off the stack. */
const maxDepth = 1_000;

/**
 * Reads a set from FieldsV1, the nested object in `metadata.managedFields`.
 *
 * Elements of kinds that do not exist yet are skipped, as the real server does; anything else that is not FieldsV1 is
 * reported. The order of the keys does not matter.
 */
export function fieldSetFromJson(json: Value | undefined): FieldSet | MalformedFields {
  const level = readNode(json, 0);
  return 'malformed' in level ? level : level.set;
}

/** True for the answer to what is no FieldsV1. */
export function isMalformed(read: object): read is MalformedFields {
  return 'malformed' in read;
}

interface Level {
  /** The parent is a member. */
  readonly self: boolean;
  readonly set: FieldSet;
}

function readNode(json: Value | undefined, depth: number): Level | MalformedFields {
  if (json === null || json === undefined) return { self: true, set: emptySet };
  if (!isMap(json)) return { malformed: 'fields must be objects' };
  if (depth > maxDepth) return { malformed: 'fields nest too deeply' };
  const nodes: FieldNode[] = [];
  let self = false;
  for (const text of Object.keys(json)) {
    if (text === '.') {
      self = true;
      continue;
    }
    const element = elementFromText(text);
    if (element === undefined) continue;
    if ('malformed' in element) return element;
    const below = readNode(json[text], depth + 1);
    if ('malformed' in below) return below;
    nodes.push({ element, member: below.self, children: below.set.empty ? undefined : below.set });
  }
  const set = FieldSet.ofNodes(nodes);
  return { self: self || set.empty, set };
}

/** Elements by their texts: the same few hundred are in the sets of nearly all objects. */
const elements = new Map<string, PathElement>();
const maxElements = 20_000;
const maxSharedLength = 128;

/** The element of a key of FieldsV1; undefined for a kind from the future. */
export function elementFromText(text: string): PathElement | MalformedFields | undefined {
  const known = elements.get(text);
  if (known !== undefined) return known;
  const parsed = parseElement(text);
  if (parsed instanceof PathElement && text.length <= maxSharedLength) {
    if (elements.size >= maxElements) elements.clear();
    elements.set(text, parsed);
  }
  return parsed;
}

function parseElement(text: string): PathElement | MalformedFields | undefined {
  if (text.length < 2) return { malformed: 'key must be 2 characters long:' };
  if (text[1] !== ':') return { malformed: `missing colon: ${text}` };
  const content = text.slice(2);
  switch (text[0]) {
    case 'f':
      return fieldElement(content);
    case 'v':
      return withJson(content, (value) => valueElement(value, true));
    case 'k':
      return withJson(content, keyFromJson);
    case 'i':
      return /^[+-]?\d+$/.test(content) ? indexElement(Number(content)) : { malformed: `invalid index: ${text}` };
    default:
      return undefined;
  }
}

function keyFromJson(value: Value): PathElement | MalformedFields {
  if (!isMap(value)) return { malformed: 'key must be an object' };
  return keyElement(
    Object.entries(value).map(([name, field]) => ({ name, value: field })),
    true,
  );
}

function withJson(text: string, use: (value: Value) => PathElement | MalformedFields): PathElement | MalformedFields {
  try {
    return use(JSON.parse(text) as Value);
  } catch {
    return { malformed: `invalid JSON in path element: ${text}` };
  }
}

/** The set as FieldsV1: an object whose keys are in the order of the elements, as the real server writes them. */
export function fieldSetToJson(set: FieldSet): ValueMap {
  return writeLevel(set, false);
}

function writeLevel(set: FieldSet, self: boolean): ValueMap {
  const out: ValueMap = {};
  if (self) out['.'] = {};
  for (const node of set.nodes) {
    out[node.element.text] = node.children === undefined ? {} : writeLevel(node.children, node.member);
  }
  return out;
}

/** The bytes of {@link fieldSetToJson} as the real server stores them. */
export function fieldSetToText(set: FieldSet): string {
  return textOfLevel(set, false);
}

function textOfLevel(set: FieldSet, self: boolean): string {
  const parts = set.nodes.map((node) => {
    const below = node.children === undefined ? '{}' : textOfLevel(node.children, node.member);
    return `${textOfName(node.element.text)}:${below}`;
  });
  if (self) parts.unshift('".":{}');
  return `{${parts.join(',')}}`;
}
