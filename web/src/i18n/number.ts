import { language } from './language.ts';

const formats = new Map<string, Intl.NumberFormat>();

/** A count as the language that is shown writes it: 50,000. */
export function number(count: number): string {
  let format = formats.get(language.value);
  if (!format) {
    format = new Intl.NumberFormat(language.value);
    formats.set(language.value, format);
  }
  return format.format(count);
}
