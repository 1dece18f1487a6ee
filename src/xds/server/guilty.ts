/** What may stand beside a name in a sentence, and not within one. */
const AROUND = String.raw`(?=$|[^\w./-]|[.:](?:\s|$))`;

/** Those of the names that the words of a refusal are about: none, when they do not say. */
export function namesIn(error: string, names: readonly string[]): string[] {
  const listed = listedNames(error, names);
  if (listed.length > 0) return listed;
  const quoted = names.filter((name) => [`'${name}'`, `"${name}"`, `[${name}]`].some((form) => error.includes(form)));
  return quoted.length > 0 ? quoted : names.filter((name) => name.length > 2 && isWordOf(error, name));
}

/** Envoy tells several at once: `Error adding/updating cluster(s) a: why, b: why`, or one a line. */
function listedNames(error: string, names: readonly string[]): string[] {
  const start = /\b(?:listener|cluster|resource)\(s\) /.exec(error);
  if (start === null) return [];
  const list = error.slice(start.index + start[0].length);
  return names.filter(
    (name) => list.startsWith(`${name}: `) || list.includes(`, ${name}: `) || list.includes(`\n${name}: `),
  );
}

function isWordOf(error: string, name: string): boolean {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`(?:^|[^\\w./-])${escaped}${AROUND}`).test(error);
}
