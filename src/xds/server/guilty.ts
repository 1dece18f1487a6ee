/** What may stand beside a name in a sentence, and not within one. */
const AROUND = String.raw`(?=$|[^\w./-]|[.:](?:\s|$))`;

/** Those of the names that the words of a refusal are about: none, when they do not say. */
export function namesIn(error: string, names: readonly string[]): string[] {
  const listed = listedNames(error, names);
  if (listed.length > 0) return listed;
  const quoted = names.filter((name) => [`'${name}'`, `"${name}"`, `[${name}]`].some((form) => error.includes(form)));
  return quoted.length > 0 ? quoted : names.filter((name) => name.length > 2 && isWordOf(error, name));
}

/** What a refusal says of one of the names that it is about: without what it says of others, which may be somebody else's. */
export function reasonOf(error: string, name: string, names: readonly string[]): string {
  const list = listOf(error);
  const start = list === undefined ? -1 : placeOf(list, name);
  if (list === undefined || start === -1) return error;
  const others = names.filter((other) => other !== name).map((other) => placeOf(list, other));
  const end = Math.min(list.length, ...others.filter((place) => place > start));
  return list
    .slice(start + name.length + 2, end)
    .replace(/[,\s]+$/, '')
    .trim();
}

function listedNames(error: string, names: readonly string[]): string[] {
  const list = listOf(error);
  return list === undefined ? [] : names.filter((name) => placeOf(list, name) !== -1);
}

/** Envoy tells several at once: `Error adding/updating cluster(s) a: why, b: why`, or one a line. */
function listOf(error: string): string | undefined {
  const start = /\b(?:listener|cluster|resource)\(s\) /.exec(error);
  return start === null ? undefined : error.slice(start.index + start[0].length);
}

/** Where in a list a name begins; -1: nowhere. */
function placeOf(list: string, name: string): number {
  if (list.startsWith(`${name}: `)) return 0;
  const places = [`, ${name}: `, `\n${name}: `].map((text) => [list.indexOf(text), text.indexOf(name)] as const);
  const found = places.filter(([place]) => place !== -1).map(([place, before]) => place + before);
  return found.length === 0 ? -1 : Math.min(...found);
}

function isWordOf(error: string, name: string): boolean {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`(?:^|[^\\w./-])${escaped}${AROUND}`).test(error);
}
