import { yamlError } from './yaml-error.ts';
import { type Token, type TokenKind, YamlScanner } from './yaml-scan.ts';

/** A node of a document. Lines count from 0. */
export interface YamlNode {
  readonly kind: 'scalar' | 'sequence' | 'mapping' | 'alias';
  readonly line: number;
  /** The full tag, or `''`. */
  readonly tag: string;
  /** A scalar's text or an alias's name. */
  readonly value: string;
  /** The scalar's type is to be guessed from its text. */
  readonly implicit: boolean;
  /** Of a sequence its elements, of a mapping its keys and values in turn. */
  readonly children: YamlNode[];
  /** What an alias stands for. */
  readonly target?: YamlNode;
}

/** An open collection and what is expected in it next. */
interface Frame {
  readonly kind: 'blockSequence' | 'indentless' | 'blockMapping' | 'flowSequence' | 'flowMapping' | 'flowPair';
  readonly node: YamlNode;
  state: 'first' | 'entry' | 'key' | 'value' | 'noValue' | 'end';
}

/** Anchor and tag in front of a node. */
interface Properties {
  readonly line: number;
  readonly anchor: string | undefined;
  readonly tag: string;
}

/**
 * Reads the first document of a text into nodes; undefined when there is none. Nothing behind it is read, unless it is to be
 * the `whole` text.
 *
 * Not recursive: nesting is bounded by the scanner's limits, not by the stack.
 *
 * @throws ParseError with go-yaml's messages and lines.
 */
export function composeYaml(text: string, whole = false): YamlNode | undefined {
  const composer = new Composer(text);
  const root = composer.document();
  if (whole) composer.end();
  return root;
}

const AFTER_BLOCK_KEY: readonly TokenKind[] = ['key', 'value', 'blockEnd'];
const AFTER_FLOW_KEY: readonly TokenKind[] = ['value', 'flowEntry', 'flowMappingEnd'];
const NO_CONTENT: readonly TokenKind[] = [
  'versionDirective',
  'tagDirective',
  'documentStart',
  'documentEnd',
  'streamEnd',
];

class Composer {
  readonly #scanner: YamlScanner;
  readonly #anchors = new Map<string, YamlNode>();
  readonly #tagPrefixes = new Map<string, string>();
  readonly #open: Frame[] = [];
  #root: YamlNode | undefined;

  constructor(text: string) {
    this.#scanner = new YamlScanner(text);
  }

  document(): YamlNode | undefined {
    const first = this.#scanner.peek();
    if (first.kind === 'streamEnd') return undefined;
    this.#directives();
    const explicit = ['versionDirective', 'tagDirective', 'documentStart'].includes(first.kind);
    if (explicit) {
      const start = this.#scanner.peek();
      if (start.kind !== 'documentStart') throw parserError('did not find expected <document start>', start.line);
      this.#scanner.next();
    }
    if (explicit && NO_CONTENT.includes(this.#scanner.peek().kind)) this.#addEmpty(this.#scanner.peek().line);
    else this.#node(true, false);
    for (let frame = this.#open.at(-1); frame !== undefined; frame = this.#open.at(-1)) this.#step(frame);
    this.#scanner.peek();
    return this.#root;
  }

  end(): void {
    while (this.#scanner.peek().kind === 'documentEnd') this.#scanner.next();
    const { kind, line } = this.#scanner.peek();
    if (kind !== 'streamEnd') throw parserError('did not find expected <document start>', line);
  }

  #directives(): void {
    let version = false;
    for (let token = this.#scanner.peek(); ; token = this.#scanner.peek()) {
      if (token.kind === 'versionDirective') {
        if (version) throw parserError('found duplicate %YAML directive', token.line);
        if (token.value !== '1.1') throw parserError('found incompatible YAML document', token.line);
        version = true;
      } else if (token.kind === 'tagDirective') {
        if (this.#tagPrefixes.has(token.value)) throw parserError('found duplicate %TAG directive', token.line);
        this.#tagPrefixes.set(token.value, token.suffix);
      } else break;
      this.#scanner.next();
    }
    if (!this.#tagPrefixes.has('!')) this.#tagPrefixes.set('!', '!');
    if (!this.#tagPrefixes.has('!!')) this.#tagPrefixes.set('!!', 'tag:yaml.org,2002:');
  }

  #step(frame: Frame): void {
    switch (frame.kind) {
      case 'blockSequence':
        return this.#blockSequence(frame);
      case 'indentless':
        return this.#indentlessSequence();
      case 'blockMapping':
        return frame.state === 'value' ? this.#blockValue(frame) : this.#blockKey(frame);
      case 'flowSequence':
        return this.#flowSequence(frame);
      case 'flowMapping':
        return frame.state === 'value' || frame.state === 'noValue' ? this.#flowValue(frame) : this.#flowKey(frame);
      case 'flowPair':
        return this.#flowPair(frame);
    }
  }

  #add(node: YamlNode, anchor?: string): void {
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = node;
    else parent.node.children.push(node);
  }

  #addEmpty(line: number): void {
    this.#add({ kind: 'scalar', line, tag: '', value: '', implicit: true, children: [] });
  }

  #openCollection(kind: Frame['kind'], { line, anchor, tag }: Properties): void {
    const isSequence = kind === 'blockSequence' || kind === 'indentless' || kind === 'flowSequence';
    const type = isSequence ? 'sequence' : 'mapping';
    const node: YamlNode = { kind: type, line, tag, value: '', implicit: tag === '', children: [] };
    this.#add(node, anchor);
    this.#open.push({ kind, node, state: 'first' });
  }

  #node(block: boolean, indentless: boolean): void {
    const first = this.#scanner.peek();
    if (first.kind === 'alias') return this.#alias(first);
    const properties = this.#properties(first.line);
    const { line, anchor, tag } = properties;
    const token = this.#scanner.peek();
    if (indentless && token.kind === 'blockEntry') return this.#openCollection('indentless', properties);
    if (token.kind === 'scalar') {
      const implicit = (tag === '' && token.plain) || tag === '!';
      this.#add({ kind: 'scalar', line, tag, value: token.value, implicit, children: [] }, anchor);
      this.#scanner.next();
      return;
    }
    const collection = collectionOf(token.kind, block);
    if (collection !== undefined) {
      this.#openCollection(collection, properties);
      this.#scanner.next();
    } else if (anchor !== undefined || tag !== '') {
      this.#add({ kind: 'scalar', line, tag, value: '', implicit: tag === '', children: [] }, anchor);
    } else throw parserError('did not find expected node content', token.line, line);
  }

  #alias({ line, value }: Token): void {
    const target = this.#anchors.get(value);
    if (target === undefined) throw yamlError(`unknown anchor '${value}' referenced`);
    this.#scanner.next();
    this.#add({ kind: 'alias', line, tag: '', value, implicit: false, children: [], target });
  }

  /** Takes an anchor and a tag, in either order; without them, the node begins at `line`. */
  #properties(line: number): Properties {
    let anchor: string | undefined;
    let tag: Token | undefined;
    for (;;) {
      const token = this.#scanner.peek();
      if (token.kind === 'anchor' && anchor === undefined) anchor = token.value;
      else if (token.kind === 'tag' && tag === undefined) tag = token;
      else break;
      this.#scanner.next();
    }
    return { line, anchor, tag: tag === undefined ? '' : this.#fullTag(tag, line) };
  }

  #fullTag({ value, suffix, line }: Token, contextLine: number): string {
    if (value === '') return suffix;
    const prefix = this.#tagPrefixes.get(value);
    if (prefix === undefined) throw parserError('found undefined tag handle', line, contextLine);
    return prefix + suffix;
  }

  #blockSequence(frame: Frame): void {
    const token = this.#scanner.peek();
    if (token.kind === 'blockEntry') {
      this.#scanner.next();
      const empty = ['blockEntry', 'blockEnd'].includes(this.#scanner.peek().kind);
      if (empty) this.#addEmpty(token.line);
      else this.#node(true, false);
    } else if (token.kind === 'blockEnd') this.#close();
    else throw parserError("did not find expected '-' indicator", token.line, frame.node.line);
  }

  #indentlessSequence(): void {
    const token = this.#scanner.peek();
    if (token.kind !== 'blockEntry') {
      this.#open.pop();
      return;
    }
    this.#scanner.next();
    const empty = ['blockEntry', 'key', 'value', 'blockEnd'].includes(this.#scanner.peek().kind);
    if (empty) this.#addEmpty(token.line);
    else this.#node(true, false);
  }

  #blockKey(frame: Frame): void {
    const token = this.#scanner.peek();
    if (token.kind === 'key') {
      this.#scanner.next();
      frame.state = 'value';
      if (AFTER_BLOCK_KEY.includes(this.#scanner.peek().kind)) this.#addEmpty(token.line);
      else this.#node(true, true);
    } else if (token.kind === 'blockEnd') this.#close();
    else throw parserError('did not find expected key', token.line, frame.node.line);
  }

  #blockValue(frame: Frame): void {
    const token = this.#scanner.peek();
    frame.state = 'key';
    if (token.kind !== 'value') return this.#addEmpty(token.line);
    this.#scanner.next();
    if (AFTER_BLOCK_KEY.includes(this.#scanner.peek().kind)) this.#addEmpty(token.line);
    else this.#node(true, true);
  }

  /** Steps over the comma between entries; returns the token behind it. */
  #separator(frame: Frame, end: TokenKind, expected: string): Token {
    const token = this.#scanner.peek();
    const first = frame.state === 'first';
    frame.state = 'entry';
    if (first || token.kind === end) return token;
    if (token.kind !== 'flowEntry') throw parserError(`did not find expected ${expected}`, token.line, frame.node.line);
    this.#scanner.next();
    return this.#scanner.peek();
  }

  #flowSequence(frame: Frame): void {
    const token = this.#separator(frame, 'flowSequenceEnd', "',' or ']'");
    if (token.kind === 'flowSequenceEnd') return this.#close();
    if (token.kind !== 'key') return this.#node(false, false);
    this.#openCollection('flowPair', { line: token.line, anchor: undefined, tag: '' });
    this.#scanner.next();
  }

  #flowPair(frame: Frame): void {
    const token = this.#scanner.peek();
    const ended = (kind: TokenKind) => kind === 'flowEntry' || kind === 'flowSequenceEnd';
    if (frame.state === 'end') {
      this.#open.pop();
    } else if (frame.state === 'first') {
      frame.state = 'value';
      if (token.kind !== 'value' && !ended(token.kind)) return this.#node(false, false);
      this.#scanner.next();
      this.#addEmpty(token.line);
    } else {
      frame.state = 'end';
      if (token.kind !== 'value') return this.#addEmpty(token.line);
      this.#scanner.next();
      if (ended(this.#scanner.peek().kind)) this.#addEmpty(token.line);
      else this.#node(false, false);
    }
  }

  #flowKey(frame: Frame): void {
    const token = this.#separator(frame, 'flowMappingEnd', "',' or '}'");
    if (token.kind === 'flowMappingEnd') return this.#close();
    frame.state = token.kind === 'key' ? 'value' : 'noValue';
    if (token.kind !== 'key') return this.#node(false, false);
    this.#scanner.next();
    const next = this.#scanner.peek();
    if (AFTER_FLOW_KEY.includes(next.kind)) this.#addEmpty(next.line);
    else this.#node(false, false);
  }

  #flowValue(frame: Frame): void {
    const token = this.#scanner.peek();
    const missing = frame.state === 'noValue' || token.kind !== 'value';
    frame.state = 'entry';
    if (missing) return this.#addEmpty(token.line);
    this.#scanner.next();
    const next = this.#scanner.peek();
    if (next.kind === 'flowEntry' || next.kind === 'flowMappingEnd') this.#addEmpty(next.line);
    else this.#node(false, false);
  }

  /** Takes the token that ends the innermost collection. */
  #close(): void {
    this.#scanner.next();
    this.#open.pop();
  }
}

function collectionOf(kind: TokenKind, block: boolean): Frame['kind'] | undefined {
  if (kind === 'flowSequenceStart') return 'flowSequence';
  if (kind === 'flowMappingStart') return 'flowMapping';
  if (block && kind === 'blockSequenceStart') return 'blockSequence';
  return block && kind === 'blockMappingStart' ? 'blockMapping' : undefined;
}

/** go-yaml prints a parser error's line one too low, and the line of its context where that is the first. */
function parserError(problem: string, line: number, contextLine = 0): Error {
  return yamlError(problem, line || contextLine);
}
