/** A piece of HTML, in which all text is escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: a text, which is escaped; HTML; several of these; or nothing. */
export type HtmlValue = string | number | Html | undefined | readonly HtmlValue[];

/**
 * HTML of a template. Whatever is put into it is escaped, as text and as a quoted attribute, unless it is HTML itself: what an operator
 * or a manifest says can be no more than text.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.map((part, i) => `${part}${i < values.length ? shown(values[i]) : ''}`).join(''));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function shown(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(shown).join('');
  // what turns the direction of a text makes it read as another
  return String(value)
    .replace(/[&<>"']/g, (one) => ENTITIES[one]!)
    .replace(/[\p{Bidi_Control}]|(?![\n\t])\p{Cc}/gu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
