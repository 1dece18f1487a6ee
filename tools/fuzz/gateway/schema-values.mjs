// Random values that a schema of a definition admits, as odd as it lets them be.

const DURATIONS = ['0s', '1ms', '10ms', '1s', '15s', '1m', '1h30m', '99999h', '99999h99999h99999h99999h', '0h0m0s1ms'];
const CIDRS = ['10.0.0.0/8', '10.1.2.3/8', '0.0.0.0/0', '127.0.0.1/32', 'fd00::/8', '::/0', '::1/128', 'fd00::1/7'];
const HEADERS = [
  ...['x-a', 'X-UPPER', 'host', 'Host', 'content-length', 'Content-Length', 'connection', 'te', 'upgrade', 'cookie'],
  ...['transfer-encoding', 'x-envoy-upstream-rq-timeout-ms', 'x-forwarded-for', "!#$%&'*+.^_`|~", '0', 'a'.repeat(256)],
];
const TEXTS = [
  ...[
    'a',
    'shop',
    'A b',
    '%',
    '%%',
    '%REQ(',
    '%REQ(:PATH)%',
    '%UNKNOWN%',
    '%START_TIME(%%)%',
    '\\',
    '"',
    "'",
    '{}',
    ',',
  ],
  ...[
    'ü',
    '日本',
    '\u{1f600}',
    '\t',
    ' ',
    ' a ',
    '/',
    '../..',
    'a/b',
    '*',
    '[',
    '(',
    '\\1',
    '$',
    '^',
    ';',
    '=',
    '='.repeat(40),
  ],
  ...['a=b; c', 'x'.repeat(63), 'x'.repeat(253), '\r\n', 'a\nb', '\u0000', '\u007f', '-1', '0', 'true', 'null'],
];
/** Which names of fields want which values, where a schema says no more than that it is a text. */
const BY_NAME = {
  text: [
    '%PROTOCOL% %RESPONSE_CODE%',
    'plain',
    '%%',
    '%REQ(X)%',
    '%REQ(',
    '%X%',
    '%START_TIME%\n',
    '%BYTES_SENT',
    ...TEXTS,
  ],
  // what is left out is refused, or else a file would be made
  path: ['/dev/stdout', '/dev/stderr', '/dev/null', '/a?b', '/a#b', '/proc/..', '/', '/%', '/a%20b'],
  matches: ['true', 'response.code >= 400', '1', '(', 'a.b.c', 'request.path', ''],
  ciphers: ['ECDHE-ECDSA-AES128-GCM-SHA256', 'AES256-SHA', 'nonsense', 'ALL', '-ALL', '[A|B]', ''],
  alpnProtocols: ['h2', 'http/1.1', 'h3', 'x', 'x'.repeat(64), ','],
  tableSize: [3, 4, 5, 7, 65_537, 65_536, 5_000_011, 5_000_010],
  uri: [
    'https://localhost/jwks',
    'http://127.0.0.1:1/k',
    'https://[::1]:8443/',
    'http://a.b:99999/',
    'https://ü.example/',
    'http://a b/',
    'https://user:p@h/',
  ],
  inline: ['{"keys":[]}', '{"keys":[{}]}', '{"keys":[1]}', '{"keys":[{"kty":"oct","k":"YQ"}]}', '[]', 'no json'],
  defaultHost: ['a.example', 'ü', 'a b', 'a:80', '%', '\n'],
  value: [
    'v',
    '',
    ' ',
    '%',
    '%%',
    '%REQ(A)%',
    '%',
    'a,b',
    'ü',
    '\t',
    '"',
    '\\',
    'a\nb',
    '\u0000',
    '(',
    '[a',
    'a{1001}',
    '(a|b)*',
    '\\C',
    'x'.repeat(1024),
  ],
  claim: ['sub', 'a.b', '.', 'a..b', 'ü', ' '],
  send: ['ping', '\u0000', 'ü', '\n'],
};

/** Makes values; `known` has the values of fields by their names, before all else. */
export class SchemaValues {
  #random;
  #known;

  constructor(random, known = {}) {
    this.#random = random;
    this.#known = known;
  }

  /** A value of a schema; `name` is the field's that it is for. */
  of(schema, name = '') {
    const known = this.#known[name];
    if (known !== undefined) return known(this.#random);
    if (schema.enum) return this.#random.pick(schema.enum);
    switch (schema.type) {
      case 'object':
        return this.#object(schema, name);
      case 'array':
        return this.#array(schema, name);
      case 'boolean':
        return this.#random.chance(0.5);
      case 'integer':
        return this.#integer(schema, name);
      default:
        return this.#text(schema, name);
    }
  }

  #object(schema, name) {
    const { properties, required = [], additionalProperties } = schema;
    if (!properties) return this.#map(additionalProperties, name);
    const chosen = Object.keys(properties).filter((key) => required.includes(key) || this.#random.chance(0.4));
    for (const rule of schema['x-kubernetes-validations'] ?? []) obey(rule.rule, properties, chosen, this.#random);
    const made = Object.fromEntries([...new Set(chosen)].map((key) => [key, this.of(properties[key], key)]));
    return discriminated(schema, made, this);
  }

  #map(schema, name) {
    const keys = Array.from({ length: this.#random.below(3) }, () => this.#random.pick(TEXTS));
    return Object.fromEntries(keys.map((key) => [key, this.of(schema ?? { type: 'string' }, name)]));
  }

  #array({ items, maxItems = 4, minItems = 0 }, name) {
    const least = Math.max(minItems, this.#random.chance(0.9) ? 1 : 0);
    const length = Math.min(maxItems, least + this.#random.below(3));
    const all = Array.from({ length }, () => this.of(items, name));
    return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
  }

  #integer({ minimum = 0, maximum = 2_147_483_647 }, name) {
    if (BY_NAME[name]) return this.#random.pick(BY_NAME[name]);
    const some = [minimum, minimum + 1, minimum + this.#random.below(100), maximum, Math.floor(maximum / 2)];
    return Math.min(maximum, this.#random.pick(some));
  }

  #text({ pattern, minLength = 0, maxLength = 253 }, name) {
    const fits = (text) =>
      [...text].length >= minLength &&
      [...text].length <= maxLength &&
      (!pattern || new RegExp(pattern, 'u').test(text));
    const pools = [BY_NAME[name] ?? [], DURATIONS, HEADERS, CIDRS, TEXTS];
    const pool = pattern?.includes('h|m|s|ms') ? DURATIONS : pattern?.includes('A-Za-z0-9!#') ? HEADERS : BY_NAME[name];
    const from = (maxLength === 49 ? CIDRS : (pool ?? TEXTS)).filter(fits);
    if (from.length > 0) return this.#random.pick(from);
    return pools.flat().find(fits) ?? 'x'.repeat(Math.max(1, minLength));
  }
}

/** Rules that say that exactly one field must be there are obeyed, or nearly all values would be refused. */
function obey(rule, properties, chosen, random) {
  const one =
    /^\[((?:has\(self\.\w+\)(?:, )?)+)\]\.exists_one/.exec(rule) ??
    /^(has\(self\.\w+\) != has\(self\.\w+\))$/.exec(rule);
  const none = /^!\((has\(self\.\w+\) && has\(self\.\w+\))\)$/.exec(rule);
  const names = [...(one ?? none ?? [''])[0].matchAll(/self\.(\w+)/g)]
    .map(([, each]) => each)
    .filter((each) => each in properties);
  if (names.length === 0) return;
  const kept = random.pick(names);
  for (const each of names) {
    const at = chosen.indexOf(each);
    if (at !== -1) chosen.splice(at, 1);
  }
  if (one) chosen.push(kept);
  else if (random.chance(0.5)) chosen.push(kept);
}

/** The same of rules by which a field belongs to a type. */
function discriminated(schema, made, values) {
  const { properties } = schema;
  for (const { rule } of schema['x-kubernetes-validations'] ?? []) {
    if (rule.includes("self.type == 'File'")) {
      if (made.type === 'File') made.path ??= values.of(properties.path, 'path');
      else made.backendRef ??= values.of(properties.backendRef, 'backendRef');
    }
    if (rule.includes("self.type == 'ConsistentHash'")) {
      if (made.type === 'ConsistentHash')
        made.consistentHash ??= values.of(properties.consistentHash, 'consistentHash');
      else delete made.consistentHash;
    }
    if (rule.includes("self.type == 'Distinct'")) {
      if (made.type === 'Distinct') delete made.value;
      else made.value ??= values.of(properties.value, 'value');
    }
    if (rule.includes("self.type == 'SourceIP'") && made.type !== 'SourceIP')
      made.name ??= values.of(properties.name, 'name');
  }
  return made;
}
