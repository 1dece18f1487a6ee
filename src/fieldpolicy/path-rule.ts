import type { bounded } from 'nekube/definitions';

// Patterns of paths as a regular expression, for definitions: a server that knows nothing of them can tell by it what is
// none. Quotes are written as \x22 and \x27, since the expression stands within a text of CEL.

const quoted = String.raw`\x22(?:[^\x22\\]|\\.)*\x22`;
const name = String.raw`[^.\[\]\x22\x27\s*]+`;
const field = String.raw`(?:${name}|\*\*?)`;
const number = String.raw`[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?`;
const value = `(?:${quoted}|true|false|null|${number})`;
const keyField = String.raw`[^=,\[\]\x22\x27\s]+=${value}`;
const serialized = String.raw`(?:[kv]:(?:[^\x22]|${quoted})+|i:\+?[0-9]+)`;
const selector = String.raw`(?:\*|${quoted}|${serialized}|=${value}|[0-9]+|${keyField}(?:,${keyField})*)`;
const bracket = String.raw`\[${selector}\]`;

/** What every pattern of a path matches, and nearly nothing else. */
export const PATH_EXPRESSION: string = String.raw`^(?:\.?${field}|${bracket})(?:\.${field}|\*\*|${bracket})*$`;

/** The rule of a text that must be a pattern of a path. */
export const PATH_RULE: bounded.SchemaRule = {
  rule: `self.matches(r'${PATH_EXPRESSION}')`,
  message:
    'must be a path with wildcards, as in .spec.replicas, .spec.containers[name="app"].image, .metadata.annotations["a.b/c"], .data.* or **.image',
};
