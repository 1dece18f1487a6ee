import { composeYaml, isParseError, type YamlNode } from 'nekube/apimachinery';
import type { Finding, Level, LineEdit, Rule } from '../model/finding.ts';

/** A value of a document, with the line (from 1) that it stands in. */
export interface Field {
  readonly key: string;
  readonly line: number;
  readonly node: YamlNode;
}

/** What stands for bytes that are no text. */
const UNREADABLE = '\ufffd';

function lineOfUnreadable(text: string): number {
  return text.slice(0, text.indexOf(UNREADABLE)).split('\n').length;
}

/**
 * The fields of a YAML document, each scalar as the text that was written: `0000`, `1.30` and dates are what they look like,
 * whichever YAML reads them. Findings are gathered on the way.
 */
export class FieldReader {
  readonly file: string;
  readonly findings: Finding[] = [];
  readonly #lines: readonly string[];
  readonly #fields: ReadonlyMap<string, Field>;

  /** Reads a document; one that is no mapping has no fields, and an error among the findings. */
  constructor(file: string, text: string) {
    this.file = file;
    const isRead = !text.includes(UNREADABLE);
    // an edit of what was not read as it is would be of another text
    this.#lines = isRead ? text.split(/\r?\n/) : [];
    if (!isRead)
      this.report('error', 'yaml', 'it has bytes that are no UTF-8, or U+FFFD in their place', {
        line: lineOfUnreadable(text),
      });
    this.#fields = this.#read(text);
  }

  /** The names of its fields. */
  get keys(): readonly string[] {
    return [...this.#fields.keys()];
  }

  /** A field that is there and not null. */
  field(key: string): Field | undefined {
    const field = this.#fields.get(key);
    return field === undefined || isNull(field.node) ? undefined : field;
  }

  /** The text of a scalar field; undefined where it is absent, null or empty. */
  text(key: string): string | undefined {
    const field = this.field(key);
    if (field === undefined) return undefined;
    if (field.node.kind !== 'scalar') {
      this.report('error', 'not-a-text', `"${key}" must be a text, not a ${field.node.kind}`, { line: field.line });
      return undefined;
    }
    this.#tellAmbiguous(field);
    return field.node.value.trim() || undefined;
  }

  /** The elements of a list; one text alone stands for a list of it, of which is told. */
  list(key: string): readonly YamlNode[] {
    const field = this.field(key);
    if (field === undefined) return [];
    const { node, line } = field;
    if (node.kind === 'sequence') return node.children.map(resolved).filter((child) => !isNull(child));
    if (node.kind === 'scalar') {
      const value = node.value.trim();
      if (value === '' || value === 'null') return [];
      const edit = this.#edit(line, `${key}:`, `${key}:\n  - ${quoted(value)}`);
      this.report('warning', 'not-a-list', `"${key}" must be a list, and is the text ${JSON.stringify(value)}`, {
        line,
        edit,
      });
      return [node];
    }
    this.report('error', 'not-a-list', `"${key}" must be a list, not a mapping`, { line });
    return [];
  }

  /** The texts of a list. */
  texts(key: string): readonly { readonly text: string; readonly line: number }[] {
    return this.list(key).flatMap((node) => {
      if (node.kind === 'scalar')
        return node.value.trim() === '' ? [] : [{ text: node.value.trim(), line: node.line + 1 }];
      this.report('error', 'not-a-text', `an element of "${key}" must be a text, not a ${node.kind}`, {
        line: node.line + 1,
      });
      return [];
    });
  }

  /** The fields of a mapping below a field. */
  mapping(key: string): readonly Field[] {
    const field = this.field(key);
    if (field === undefined) return [];
    if (field.node.kind === 'mapping') return entries(field.node);
    if (field.node.value.trim() !== '')
      this.report('error', 'not-a-mapping', `"${key}" must be a mapping, not a ${field.node.kind}`, {
        line: field.line,
      });
    return [];
  }

  /** Adds a finding of this document. */
  report(
    level: Level,
    rule: Rule,
    message: string,
    { line, edit }: { readonly line?: number | undefined; readonly edit?: LineEdit | undefined } = {},
  ): void {
    const { file } = this;
    this.findings.push({ file, level, rule, message, ...(line !== undefined && { line }), ...(edit && { edit }) });
  }

  /** The edit that puts `value` in the place of `written`; undefined: it is not sure which text of the line that is. */
  replacing(line: number, written: string, value: string): LineEdit | undefined {
    return this.#edit(line, written, value);
  }

  #edit(line: number, part: string, by: string): LineEdit | undefined {
    const before = this.#lines[line - 1];
    if (before === undefined) return undefined;
    const [code = '', ...comment] = before.split(/(?=\s#)/);
    const at = placeIn(code, part);
    if (at === undefined) return undefined;
    const isWholeLine = by.includes('\n');
    const rest = isWholeLine ? '' : code.slice(at + part.length) + comment.join('');
    return { line, before, text: code.slice(0, at) + by + rest };
  }

  #read(text: string): ReadonlyMap<string, Field> {
    const fields = new Map<string, Field>();
    // what stands behind the first document is an error, which does not hide that document
    const root = this.#compose(text, true) ?? this.#compose(text, false);
    if (root !== undefined && root.kind !== 'mapping')
      this.report('error', 'yaml', `it must be a mapping of fields, not a ${root.kind}`, { line: root.line + 1 });
    if (root?.kind !== 'mapping') return fields;
    for (const field of entries(root)) {
      const { key, line } = field;
      if (fields.has(key))
        this.report('error', 'duplicate-field', `"${key}" stands twice; the last one counts`, { line });
      fields.set(key, field);
    }
    return fields;
  }

  #compose(text: string, whole: boolean): YamlNode | undefined {
    try {
      const root = composeYaml(text, whole);
      if (root === undefined && whole) this.report('error', 'yaml', 'it is empty');
      return root;
    } catch (error) {
      if (!isParseError(error)) throw error;
      if (whole) this.report('error', 'yaml', error.message, { line: error.line });
      return undefined;
    }
  }

  /** YAML 1.1 reads dates, octal numbers and some words as other than text, and 1.2 does not, or otherwise. */
  #tellAmbiguous({ key, line, node }: Field): void {
    if (!node.implicit) return;
    const reading = readings(node.value.trim());
    if (reading === undefined) return;
    const edit = this.#edit(line, node.value.trim(), JSON.stringify(node.value.trim()));
    this.report('note', 'yaml-versions', `"${key}" is ${reading}; quoted it is one text for all`, { line, edit });
  }
}

/** Keys and values of a mapping; a key that is no scalar has no name and is left out. */
export function entries(mapping: YamlNode): Field[] {
  const found: Field[] = [];
  for (let i = 0; i + 1 < mapping.children.length; i += 2) {
    const key = mapping.children[i]!;
    if (key.kind === 'scalar')
      found.push({ key: key.value, line: key.line + 1, node: resolved(mapping.children[i + 1]!) });
  }
  return found;
}

function resolved(node: YamlNode): YamlNode {
  return node.kind === 'alias' && node.target !== undefined ? node.target : node;
}

/** True for what every YAML reads as no value. */
export function isNull(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.implicit && /^(|~|null|Null|NULL)$/.test(node.value);
}

/** How YAML 1.1 and 1.2 read a plain scalar, where they differ in it; undefined where they agree. */
function readings(text: string): string | undefined {
  if (/^\d{4}-\d\d?-\d\d?$/.test(text)) return 'a time in YAML 1.1, and a text in 1.2';
  if (/^0[0-7]+$/.test(text)) return `${parseInt(text, 8)} in YAML 1.1 (octal), and ${Number(text)} in 1.2`;
  if (/^(y|n|yes|no|on|off)$/i.test(text)) return 'true or false in YAML 1.1, and a text in 1.2';
  if (/^\d+\.\d*0$/.test(text)) return `the number ${Number(text)} in both, which loses the zero at its end`;
  return undefined;
}

function quoted(text: string): string {
  return /^[\w/][\w/.-]*$/.test(text) ? text : JSON.stringify(text);
}

/** Where a value stands in a line: at its end, or in the only place where it is not a part of another word; undefined: that is not sure. */
function placeIn(code: string, value: string): number | undefined {
  const last = code.lastIndexOf(value);
  if (last >= 0 && /^["']?\s*$/.test(code.slice(last + value.length))) return last;
  const places: number[] = [];
  for (let at = code.indexOf(value); at >= 0; at = code.indexOf(value, at + 1))
    if (!WORD.test(code[at - 1] ?? '') && !WORD.test(code[at + value.length] ?? '')) places.push(at);
  return places.length === 1 ? places[0] : undefined;
}

const WORD = /[\w.@/#-]/;
