// Objects made at random from a structural schema.

/** How likely an optional field is there, by its depth: objects are to be small. */
const FILLED = [0.9, 0.5, 0.35, 0.25, 0.15];
const MAX_DEPTH = 9;
const WORDS = [
  'a',
  'gw',
  'example.com',
  'Exact',
  '/path',
  'https',
  '',
  '80',
  '*.example.com',
  'Core',
  '10s',
  '1h',
  'A_b',
];

/** The fields beside kind, apiVersion and metadata. */
export function makeObject(schema, random) {
  const { apiVersion: _, kind: _kind, metadata: _meta, ...rest } = makeValue(schema, random, 0) ?? {};
  return rest;
}

function makeValue(schema, random, depth) {
  if (random.chance(0.01)) return random.pick([null, 5, 'wrong', [], {}]);
  if (schema.enum) return random.chance(0.95) ? random.pick(schema.enum) : 'other';
  if (schema['x-kubernetes-int-or-string']) return random.pick([80, 'http', '50%', 0]);
  switch (schema.type) {
    case 'object':
      return makeFields(schema, random, depth);
    case 'array':
      return makeList(schema, random, depth);
    case 'integer':
    case 'number':
      return makeNumber(schema, random);
    case 'boolean':
      return random.chance(0.5);
    case 'string':
      return makeText(schema, random);
    default:
      return random.pick([{}, 'x', 1]);
  }
}

function makeFields({ properties, required = [], additionalProperties }, random, depth) {
  const object = {};
  for (const [key, property] of Object.entries(properties ?? {})) {
    const wanted = required.includes(key) ? 0.97 : depth < MAX_DEPTH ? FILLED[Math.min(depth, FILLED.length - 1)] : 0;
    if (random.chance(wanted)) object[key] = makeValue(property, random, depth + 1);
  }
  if (typeof additionalProperties === 'object')
    for (let i = random.below(3); i > 0; i--)
      object[random.pick(['a', 'b', 'example.com/x', 'Bad Key'])] = makeValue(additionalProperties, random, depth + 1);
  return object;
}

function makeList({ items, minItems = 0, maxItems = 3 }, random, depth) {
  const most = Math.min(maxItems, minItems + 2);
  const length = random.chance(0.05) ? most + 1 : minItems + random.below(most - minItems + 1);
  return Array.from({ length }, () => makeValue(items, random, depth + 1));
}

function makeNumber({ minimum = 0, maximum = minimum + 100, type }, random) {
  if (random.chance(0.05)) return random.pick([minimum - 1, maximum + 1]);
  const value = minimum + random.below(Math.min(maximum - minimum + 1, 1000));
  return type === 'number' && random.chance(0.5) ? value + 0.5 : value;
}

function makeText({ maxLength = 300, minLength = 0, format, pattern }, random) {
  if (format === 'date-time') return random.pick(['2026-01-02T03:04:05Z', 'yesterday']);
  if (format === 'byte') return random.pick(['aGk=', '***']);
  if (random.chance(0.03)) return 'x'.repeat(maxLength + 1);
  const fitting = WORDS.filter((word) => word.length >= minLength && word.length <= maxLength && fits(word, pattern));
  return random.pick(fitting.length > 0 && random.chance(0.93) ? fitting : WORDS);
}

function fits(word, pattern) {
  return pattern === undefined || new RegExp(pattern, 'u').test(word);
}
