import { composeYaml, type YamlNode } from 'nekube/apimachinery';
import type { FileDocument } from './documents.ts';

/** Where a field is in its file: `shop.yaml:12`. A field that is not there is where the last of its parents is. */
export function lineOfField(document: FileDocument, path: readonly (string | number)[]): string {
  const file = document.file ?? 'stdin';
  let node = root(document);
  for (const step of [...document.path, ...path]) {
    const child = node && childOf(node, step);
    if (child === undefined) break;
    node = child;
  }
  return `${file}:${document.line + (node?.line ?? firstLine(document.text))}`;
}

/** A path as in `spec.rules[0].matches`. */
export function parsePath(text: string): (string | number)[] {
  return [...text.matchAll(/\[(\d+)\]|\[([^\]]*)\]|([^.[\]]+)/g)].map(([, index, key, name]) =>
    index === undefined ? (key ?? name ?? '') : Number(index),
  );
}

/** What was composed last: of a long List many lines may be asked for, one after the other. */
let last: { readonly text: string; readonly root: YamlNode | undefined } | undefined;

function root({ text }: FileDocument): YamlNode | undefined {
  if (last?.text !== text) last = { text, root: composed(text) };
  return last.root;
}

function composed(text: string): YamlNode | undefined {
  try {
    return composeYaml(text);
  } catch {
    // JSON with escapes that are none of YAML; it was read all the same
    return undefined;
  }
}

function childOf(node: YamlNode, step: string | number): YamlNode | undefined {
  const { kind, children } = node.kind === 'alias' ? node.target! : node;
  if (kind === 'sequence') return typeof step === 'number' ? children[step] : undefined;
  if (kind !== 'mapping') return undefined;
  const key = children.findIndex((child, i) => i % 2 === 0 && child.value === String(step));
  // the line of the key: its value may begin further down
  return key === -1 ? undefined : { ...children[key + 1]!, line: children[key]!.line };
}

/** The first line that says something, from 0, as lines of nodes are. */
function firstLine(text: string): number {
  return Math.max(
    text.split('\n').findIndex((line) => /^[^#\s]/.test(line)),
    0,
  );
}
