/** HTML that is safe to be put into a page: all that came into it by {@link html} was escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: texts are escaped, HTML is not, of lists each; false and undefined are nothing. */
export type Content = string | number | Html | false | undefined | readonly Content[];

/** A template of HTML. Values of attributes must be quoted in it. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(strings.map((text, i) => text + (i < values.length ? textOf(values[i]) : '')).join(''));
}

function textOf(content: Content): string {
  if (content instanceof Html) return content.text;
  if (Array.isArray(content)) return (content as readonly Content[]).map(textOf).join('');
  return content === undefined || content === false ? '' : escaped(String(content));
}

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => REFERENCES[one]!);
}
