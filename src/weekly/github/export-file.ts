import { type GitHubRecord, recordOf } from './record.ts';

/** What a file of an export has. */
export interface GitHubExport {
  readonly records: readonly GitHubRecord[];
  /** What was left out, with its place. */
  readonly defects: readonly string[];
}

/**
 * Reads what was saved of GitHub: an answer of its API (an array, `{items: […]}` of a search, one object), several behind each other as
 * `gh api --paginate` prints them, or an object a line.
 *
 * @throws Error with the place where it is no JSON
 */
export function readGitHubExport(text: string): GitHubExport {
  const records: GitHubRecord[] = [];
  const defects: string[] = [];
  let at = 0;
  for (const value of documents(text).flatMap(elements)) {
    const record = recordOf(value);
    if (record === undefined)
      defects.push(`element ${at} is no pull request, issue or release: it has no html_url or url of one`);
    else records.push(record);
    at++;
  }
  return { records, defects };
}

function elements(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const items = (value as { readonly items?: unknown } | null)?.items;
  return Array.isArray(items) ? items : [value];
}

/** The JSON documents of a text, one behind the other. */
function documents(text: string): readonly unknown[] {
  const whole = parsed(text);
  if (whole !== undefined) return [whole.value];
  return split(text).map(([begin, end]) => {
    const document = text.slice(begin, end);
    const found = parsed(document);
    if (found !== undefined) return found.value;
    const shown = document.trimStart();
    const line = text.slice(0, end - shown.length).split('\n').length;
    throw new Error(`line ${line} is no JSON: ${shown.slice(0, 40).trimEnd()}`);
  });
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Where each document begins and ends: where the bracket that is outermost is closed. What is in quotes counts for nothing. */
function split(text: string): readonly (readonly [begin: number, end: number])[] {
  const found: [number, number][] = [];
  let [depth, begin, isQuoted] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (isQuoted) {
      if (letter === '\\') i++;
      else if (letter === '"') isQuoted = false;
    } else if (letter === '"') isQuoted = true;
    else if ('{['.includes(letter)) depth++;
    else if ('}]'.includes(letter) && --depth <= 0) {
      found.push([begin, i + 1]);
      [depth, begin] = [0, i + 1];
    }
  }
  return text.slice(begin).trim() === '' ? found : [...found, [begin, text.length]];
}
