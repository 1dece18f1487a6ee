/**
 * The objects of a text that is nothing but JSON objects one behind another, as `kubectl get -o json` and jq print several:
 * the text of each. Undefined for every other text, also for one that only begins so.
 */
export function jsonObjectsIn(text: string): string[] | undefined {
  const objects: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { index, 0: token } of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      if (depth++ === 0) start = index;
    } else if (token === '}' || token === ']') {
      if (--depth === 0) objects.push(text.slice(start, index + 1));
    } else if (depth === 0) return undefined;
    if (depth < 0) return undefined;
  }
  return depth === 0 && objects.every(isObject) ? objects : undefined;
}

/** Texts as a whole, so that what is in them does not count; what opens and closes; and anything else but blanks. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]]|[^\s{}[\]"]+|"/gs;

function isObject(text: string): boolean {
  try {
    return text.startsWith('{') && JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}
