import { elementFromText, type FieldPath, type PathElement } from 'nekube/smd';

/**
 * A path as one text, from which it can be read again: the texts of its elements, separated by `/` (with `~1` for a slash
 * in one, and `~0` for a tilde). Equal paths have equal texts.
 */
export function textOfPath(path: FieldPath): string {
  let text = '';
  for (const element of path) text += `/${escaped(element.text)}`;
  return text;
}

/** The path of a text. @throws RangeError for what is none */
export function pathOfText(text: string): FieldPath {
  if (text === '') return [];
  return text
    .slice(1)
    .split('/')
    .map((part): PathElement => {
      const element = elementFromText(part.replaceAll('~1', '/').replaceAll('~0', '~'));
      if (element === undefined || 'malformed' in element) throw new RangeError(`no path: ${text}`);
      return element;
    });
}

function escaped(text: string): string {
  return /[~/]/.test(text) ? text.replaceAll('~', '~0').replaceAll('/', '~1') : text;
}
