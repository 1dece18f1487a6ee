import { invalid, isDns1035Label, type Path } from 'nekube/apimachinery';
import type { Loose, RuleContext } from '../rule.ts';

/** Checks names of a definition, asked for or accepted; missing ones are not reported. */
export function checkNames(names: Loose, path: Path, { errors }: RuleContext): void {
  const check = (text: string, at: Path, prefix = '') => {
    const messages = isDns1035Label(prefix === '' ? text : text.toLowerCase());
    if (messages.length > 0) errors.push(invalid(at, text, prefix + messages.join(',')));
  };
  const mixed = 'may have mixed case, but should otherwise match: ';
  const { plural, singular, kind, listKind } = names ?? {};
  if (plural) check(plural, path.child('plural'));
  if (singular) check(singular, path.child('singular'));
  if (kind) check(kind, path.child('kind'), mixed);
  if (listKind) check(listKind, path.child('listKind'), mixed);
  ((names?.shortNames ?? []) as string[]).forEach((name, i) => check(name, path.child('shortNames').index(i)));
  if (kind && kind === listKind) {
    errors.push(invalid(path.child('listKind'), listKind, 'kind and listKind may not be the same'));
  }
  ((names?.categories ?? []) as string[]).forEach((name, i) => check(name, path.child('categories').index(i)));
}
