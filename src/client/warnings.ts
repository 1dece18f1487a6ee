import { tell } from './tell.ts';

/** A warning as a header has it (RFC 7234, 5.5). */
export interface Warning {
  /** 299 for all that Kubernetes says. */
  readonly code: number;
  readonly agent: string;
  readonly text: string;
}

/** Code and agent, the quoted text, a quoted date perhaps, and what divides it from the next. */
const WARNING = /^\s*(\d{3}) ([^\s"]+) "((?:[^"\\]|\\.)*)"(?:\s*"[^"]*")?\s*(?:,|$)/;

/** The warnings in the values of Warning headers, several in a value perhaps. What is malformed ends its value. */
export function parseWarnings(values: string | readonly string[] | undefined): Warning[] {
  const warnings: Warning[] = [];
  for (const value of [values ?? []].flat()) {
    let rest = bytesAsText(value);
    for (let found = WARNING.exec(rest); found !== null; found = WARNING.exec(rest)) {
      warnings.push({ code: Number(found[1]), agent: found[2]!, text: found[3]!.replace(/\\(.)/g, '$1') });
      rest = rest.slice(found[0].length);
    }
  }
  return warnings;
}

/** Node has headers as latin1; servers write UTF-8. */
function bytesAsText(value: string): string {
  return /[\x80-\xff]/.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value;
}

/** So many texts are remembered; a server that says more says something new each time. */
const MOST_TEXTS = 1000;

/** Passes warnings on, each text once. A listener that throws fails no request. */
export class WarningSink {
  readonly #tell: ((text: string) => void) | undefined;
  readonly #told = new Set<string>();

  constructor(tell: ((text: string) => void) | undefined) {
    this.#tell = tell;
  }

  /** Takes the Warning headers of an answer. */
  take(values: string | readonly string[] | undefined): void {
    if (values === undefined || this.#tell === undefined) return;
    for (const { code, text } of parseWarnings(values)) {
      if (code !== 299 || text === '' || this.#told.has(text)) continue;
      if (this.#told.size >= MOST_TEXTS) this.#told.clear();
      this.#told.add(text);
      tell(this.#tell, text);
    }
  }
}
