/** A part of a path. */
export type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'all' }
  | { readonly kind: 'descend' }
  | {
      readonly kind: 'slice';
      readonly from?: number;
      readonly to?: number;
      readonly step?: number;
      readonly one: boolean;
    }
  | { readonly kind: 'union'; readonly paths: readonly (readonly Step[])[] }
  | {
      readonly kind: 'filter';
      readonly left: readonly Step[];
      readonly operator: string;
      readonly right: readonly Step[];
    }
  | { readonly kind: 'literal'; readonly value: string | number | boolean };

/**
 * Parses a JSON path as client-go's jsonpath reads it between braces: `.spec.ports[0].name`, `['a.b']`, `[1:3]`, `[*]`,
 * `..name`, `[?(@.type=="Ready")].status`.
 *
 * @throws SyntaxError
 */
export function parseJsonPath(text: string): readonly Step[] {
  return new Parser(text).parse();
}

const FIELD_END = /[\s.,[\]$@{}]/;

class Parser {
  readonly #text: string;
  readonly #steps: Step[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): readonly Step[] {
    while (this.#at < this.#text.length) this.#next();
    return this.#steps;
  }

  #next(): void {
    const rest = this.#text.slice(this.#at);
    const char = rest[0]!;
    if (rest.startsWith('[?(')) this.#filter();
    else if (rest.startsWith('..')) this.#descend();
    else if (char === ' ' || char === '@' || char === '$') this.#at++;
    else if (char === '[') this.#brackets();
    else if (char === '"' || char === "'") this.#quoted(char);
    else if (char === '.') {
      this.#at++;
      this.#field();
    } else if (/[-+\d]/.test(char)) this.#number();
    else if (/[\p{L}\d_]/u.test(char)) this.#word();
    else throw new SyntaxError(`unrecognized character in action: ${char}`);
  }

  #field(): void {
    let name = '';
    while (this.#at < this.#text.length && !FIELD_END.test(this.#text[this.#at]!)) {
      if (this.#text[this.#at] === '\\') this.#at++;
      name += this.#text[this.#at++] ?? '';
    }
    this.#steps.push(name === '*' ? { kind: 'all' } : { kind: 'field', name });
  }

  #descend(): void {
    if (this.#steps.at(-1)?.kind === 'descend') throw new SyntaxError('invalid multiple recursive descent');
    this.#at += 2;
    this.#steps.push({ kind: 'descend' });
    if (/[\p{L}\d_]/u.test(this.#text[this.#at] ?? '')) this.#field();
  }

  #brackets(): void {
    const end = this.#text.indexOf(']', this.#at);
    if (end < 0) throw new SyntaxError('unterminated array');
    const inside = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    const parts = inside.split(',');
    if (parts.length > 1) {
      this.#steps.push({ kind: 'union', paths: parts.map((part) => parseJsonPath(`[${part.trim()}]`)) });
      return;
    }
    const quoted = /^'([^']*)'$/.exec(inside);
    if (quoted !== null) this.#steps.push(...parseJsonPath(`.${quoted[1]}`));
    else this.#steps.push(sliceOf(inside === '*' ? ':' : inside));
  }

  #filter(): void {
    const end = this.#filterEnd();
    const inside = this.#text.slice(this.#at + 3, end);
    if (this.#text[end + 1] !== ']') throw new SyntaxError('unclosed array expect ]');
    this.#at = end + 2;
    const match = /^([^!<>=]+)([!<>=]+)(.+?)$/.exec(inside);
    this.#steps.push(
      match === null
        ? { kind: 'filter', left: parseJsonPath(inside), operator: 'exists', right: [] }
        : { kind: 'filter', left: parseJsonPath(match[1]!), operator: match[2]!, right: parseJsonPath(match[3]!) },
    );
  }

  /** The bracket that closes a filter, outside of its quotes. */
  #filterEnd(): number {
    let quote = '';
    for (let i = this.#at + 3; i < this.#text.length; i++) {
      const char = this.#text[i]!;
      if (quote === '' && (char === '"' || char === "'")) quote = char;
      else if (char === quote && this.#text[i - 1] !== '\\') quote = '';
      else if (char === ')' && quote === '') return i;
    }
    throw new SyntaxError('unterminated filter');
  }

  #quoted(quote: string): void {
    let end = this.#at + 1;
    while (end < this.#text.length && !(this.#text[end] === quote && this.#text[end - 1] !== '\\')) end++;
    if (end >= this.#text.length) throw new SyntaxError('unterminated quoted string');
    const value = this.#text.slice(this.#at + 1, end).replace(/\\(.)/g, '$1');
    this.#at = end + 1;
    this.#steps.push({ kind: 'literal', value });
  }

  #number(): void {
    const [text] = /^[-+]?[\d.]*/.exec(this.#text.slice(this.#at))!;
    const value = Number(text);
    if (text === '' || Number.isNaN(value)) throw new SyntaxError(`cannot parse number ${text}`);
    this.#at += text.length;
    this.#steps.push({ kind: 'literal', value });
  }

  #word(): void {
    const [text] = /^[^\s.,[\]$@{}]+/.exec(this.#text.slice(this.#at))!;
    this.#at += text.length;
    if (text !== 'true' && text !== 'false') throw new SyntaxError(`unrecognized identifier ${text}`);
    this.#steps.push({ kind: 'literal', value: text === 'true' });
  }
}

function sliceOf(text: string): Step {
  const match = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text);
  if (match === null || text === '') throw new SyntaxError(`invalid array index ${text}`);
  const numberOf = (part: string | undefined) => {
    const digits = part?.replace(/^:/, '') ?? '';
    return digits === '' ? undefined : Number(digits);
  };
  const [from, to, step] = [numberOf(match[1]), numberOf(match[2]), numberOf(match[3])];
  return {
    kind: 'slice',
    one: match[2] === undefined,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(step !== undefined && { step }),
  };
}
