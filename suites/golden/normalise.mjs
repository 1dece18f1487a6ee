// Makes two runs comparable: what really varies from run to run is replaced, in order of first appearance.
import { parsed } from './http.mjs';
import { fill, get, mask, shapeOf } from './template.mjs';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const RFC3339 = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(?:Z|[+-]\d\d:\d\d)/g;
/** Timestamps this close to now are made by the server; others were sent by the scenario. */
const NEAR_MS = 36 * 3600e3;
const COMPARED_HEADERS = ['allow', 'retry-after', 'location', 'www-authenticate'];

/** Texts that vary from run to run, and what stands for them. */
const VARYING = [
  [/hash=[0-9A-Fa-f]{16,}/g, 'hash=<hash>'],
  [/(ResourceVersion in (?:the )?(?:precondition|record) \()\d+\)/g, '$1<rv>)'],
  [/(ResourceVersion in (?:precondition|object meta): )\d+/g, '$1<rv>'],
  [/(current: )\d+/g, '$1<rv>'],
  [/too old resource version: \d+ \(\d+\)/g, 'too old resource version: <rv> (<rv>)'],
  [/\d+(?:\.\d+)?(?:ms|µs)\b/g, '<duration>'],
  // whole objects inside a message: the order of their keys is Go's
  [/(Invalid value: )"\{\\"(?:[^"\\]|\\.)*"/g, '$1<object>'],
  [/(failed to call webhook: Post "[^"]*": ).*/g, '$1<network error>'],
];

/** Puts the causes of a failure in an order; of a message that lists them only what comes before the list stays. */
function sortCauses(body) {
  const causes = body.details?.causes;
  if (!Array.isArray(causes) || causes.length < 2) return;
  causes.sort(by((cause) => `${cause.field} ${cause.message}`));
  body.message = body.message?.replace(/ is invalid: \[[^]*/, ' is invalid');
}

/** Normalises the answers of one scenario; `sent` is the text of all its requests, whose values are not replaced. */
export class Normaliser {
  #names = { rv: new Map(), uid: new Map() };
  #generated = new Map();
  /** Set while the resourceVersions of a step are not told apart. */
  #anyVersion = false;

  constructor({ vars, sent, connection }) {
    this.vars = vars;
    this.sent = sent;
    this.connection = connection;
  }

  /** The part of an answer that is compared. */
  response(answer, step) {
    const out = { code: answer.code };
    if (answer.rawHeaders['content-type'] !== undefined) out.contentType = answer.rawHeaders['content-type'];
    if (answer.warnings.length > 0) out.warnings = answer.warnings.map((warning) => this.string(warning));
    for (const name of [...COMPARED_HEADERS, ...(step.compareHeaders ?? [])]) {
      if (answer.rawHeaders[name] !== undefined) out[name] = this.string(answer.rawHeaders[name]);
    }
    this.#anyVersion = Boolean(step.rvAny);
    if (answer.code >= 400) this.#noteRefusedName(answer.text ?? '', step.body?.metadata?.generateName);
    return answer.events ? this.#withEvents(out, answer, step) : { ...out, body: this.#body(answer.text, step) };
  }

  #withEvents(out, answer, step) {
    out.events = answer.events.map((event) => this.#event(event));
    if (step.sortEvents) out.events.sort(by((event) => `${event.type}/${event.object?.metadata?.name}`));
    if (answer.ended) out.ended = true;
    if (answer.text) out.body = this.text(answer.text);
    return out;
  }

  #event({ type, object, ...unparsable }) {
    if (type === undefined) return this.value({ ...unparsable, ...(object && { object }) });
    const before = this.#anyVersion;
    this.#anyVersion = before || type === 'BOOKMARK';
    const value = this.value(object);
    this.#anyVersion = before;
    return { type, object: value };
  }

  #body(text, step) {
    const answer = parsed(text);
    if (answer === undefined || typeof answer !== 'object') return this.text(text, step);
    let body = step.pick ? this.#picked(answer, step.pick) : this.value(answer);
    if (step.sortItems && Array.isArray(body.items)) body.items.sort(by((item) => item.metadata.name));
    if (step.sortCauses) sortCauses(body);
    if (step.keysOnly)
      body = Object.fromEntries(step.keysOnly.map((path) => [path, Object.keys(get(body, path) ?? {}).sort()]));
    for (const path of step.mask ?? []) mask(body, path);
    return step.shape ? shapeOf(body) : body;
  }

  /** Only the picked paths, so that nothing else counts among `<rv1>`, `<uid1>`…. */
  #picked(answer, paths) {
    const list = isList(answer);
    return Object.fromEntries(
      paths.map((path) => {
        const value = get(answer, fill(path, this.vars)) ?? undefined;
        const key = path.split('.').pop();
        return [path, value === undefined ? '<absent>' : this.value(value, key, list && path.startsWith('metadata'))];
      }),
    );
  }

  /** A text that is no JSON; a step may name further replacements. */
  text(text, { replace = [] } = {}) {
    const normal = this.string(text).replace(/(resourceVersion: ")\d+"/g, '$1<rv>"');
    return replace.reduce((out, [pattern, by]) => out.replace(new RegExp(pattern, 'g'), by), normal);
  }

  /** A value of an answer; `key` is the field it stands in, `inList` says that it is metadata of a list. */
  value(value, key = undefined, inList = false) {
    if (typeof value === 'string') return this.#field(value, key, inList);
    if (typeof value === 'number') return this.#number(value, key);
    if (Array.isArray(value)) return this.#array(value, key);
    if (value === null || typeof value !== 'object') return value;
    this.#noteGeneratedName(value.metadata);
    const list = inList || isList(value);
    const entries = Object.entries(value).map(([name, item]) => [
      this.string(name),
      name === 'metadata' && isObject(item) ? this.#metadata(item, list) : this.value(item, name),
    ]);
    return Object.fromEntries(entries);
  }

  #metadata(metadata, list) {
    return Object.fromEntries(
      Object.entries(metadata).map(([key, item]) => [this.string(key), this.value(item, key, list)]),
    );
  }

  #noteGeneratedName(metadata) {
    const { generateName: prefix, name } = metadata ?? {};
    if (typeof prefix !== 'string' || typeof name !== 'string') return;
    if (!name.startsWith(prefix) || name.length !== prefix.length + 5 || this.#generated.has(name)) return;
    this.#generated.set(name, `${prefix}<gen${this.#generated.size + 1}>`);
  }

  /** A refused object is only named in the message. */
  #noteRefusedName(text, prefix) {
    if (typeof prefix !== 'string') return;
    const name = new RegExp(`"name":\\s*"(${prefix}[bcdf-hj-np-tv-z2-9]{5})"`).exec(text)?.[1];
    if (name !== undefined && !this.#generated.has(name))
      this.#generated.set(name, `${prefix}<gen${this.#generated.size + 1}>`);
  }

  #field(text, key, inList) {
    if (key === 'resourceVersion' && /^[1-9]\d*$/.test(text)) {
      return inList || this.#anyVersion ? '<rv>' : this.#nameOf('rv', text);
    }
    if (key === 'continue' && text !== '') return '<continue>';
    if (key === 'serverAddress') return '<host>';
    if (key === 'k8s.io/initial-events-list-blueprint') return '<blueprint>';
    if (key === 'caBundle') return text === this.vars.hookCa ? '<ca>' : text;
    return this.string(text);
  }

  #number(value, key) {
    const port = (key === 'nodePort' || key === 'healthCheckNodePort') && value >= 30000 && value <= 32767;
    return port && !this.sent.includes(String(value)) ? '<nodePort>' : value;
  }

  #array(list, key) {
    if (key === 'managedFields' && list.length > 0 && list.every(isObject)) return this.#managedFields(list);
    if (key === 'cells') return list.map((cell) => this.#cell(cell));
    const values = list.map((item) => this.value(item));
    // the server goes through a map here, so the order means nothing
    if (key === 'causes' && values.every((cause) => cause?.reason === 'FieldManagerConflict'))
      return values.sort(by((cause) => cause.message));
    if (key === 'resourceRules' || key === 'nonResourceRules') return values.sort(by((rule) => JSON.stringify(rule)));
    return values;
  }

  #cell(cell) {
    if (typeof cell !== 'string') return this.value(cell);
    if (/^\d+[smhdy](\d+[smhd])?$/.test(cell)) return '<age>';
    return this.string(
      cell.replace(/:(3[0-2]\d{3})\//g, (whole, port) => (this.sent.includes(port) ? whole : ':<nodePort>/')),
    );
  }

  /** Checks that the entries are sorted as the server sorts them, then puts them in an order without time. */
  #managedFields(entries) {
    const identity = (e) => [e.operation ?? '', e.manager ?? '', e.apiVersion ?? '', e.subresource ?? ''];
    const seconds = (e) => (e.time ? Math.floor(Date.parse(e.time) / 1000) : 0);
    const order = (e) => [e.operation ?? '', seconds(e), ...identity(e).slice(1)];
    const sorted = entries.every((entry, i) => i === 0 || compareParts(order(entries[i - 1]), order(entry)) <= 0);
    const out = entries
      .map((entry) => ({ identity: identity(entry), value: this.value(entry) }))
      .sort((a, b) => compareParts(a.identity, b.identity))
      .map((entry) => entry.value);
    if (!sorted) out.push('<managedFields are not sorted by operation, time, manager, apiVersion, subresource>');
    return out;
  }

  /** Any text: of an answer's string, a message, or what a program printed. */
  string(text) {
    const { id } = this.vars;
    let out = text.replaceAll(id, '{{id}}').replaceAll(id.toUpperCase(), '{{ID}}');
    if (this.vars.hook)
      out = out.replaceAll(this.vars.hook, '<hook>').replaceAll(new URL(this.vars.hook).host, '<hook host>');
    out = out.replaceAll(this.connection.url, '<server>').replaceAll(this.connection.base.host, '<host>');
    for (const [name, stand] of this.#generated) out = out.replaceAll(name, stand);
    out = out.replace(UUID, (uuid) => (/^(0{8}|1{8}|2{8})-/.test(uuid) ? uuid : this.#nameOf('uid', uuid)));
    out = out.replace(RFC3339, (at, fraction) => nearTime(at, fraction));
    if (/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(out)) return '<jwt>';
    for (const [pattern, stand] of VARYING) out = out.replace(pattern, stand);
    if (out.includes('value: ') || out.includes('Forbidden: ')) out = withoutDumps(out);
    return /^10\.0\.0\.\d{1,3}$/.test(out) && !this.sent.includes(out) ? '<ip>' : out;
  }

  #nameOf(kind, real) {
    const names = this.#names[kind];
    if (!names.has(real)) names.set(real, `<${kind}${names.size + 1}>`);
    return names.get(real);
  }
}

function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isList(value) {
  return typeof value.kind === 'string' && (value.kind.endsWith('List') || value.kind === 'Table');
}

function by(keyOf) {
  return (a, b) => compareParts([keyOf(a)], [keyOf(b)]);
}

function compareParts(a, b) {
  const i = a.findIndex((part, at) => part !== b[at]);
  if (i === -1) return 0;
  return a[i] < b[i] ? -1 : 1;
}

function nearTime(at, fraction) {
  if (Math.abs(Date.parse(at) - Date.now()) >= NEAR_MS) return at;
  return fraction ? '<microtime>' : '<time>';
}

/** Cuts Go's inner structs (their JSON has capitalised keys) and diffs of them out of a message. */
function withoutDumps(text) {
  let out = '';
  let done = 0;
  for (const found of text.matchAll(/value: (?=[[{])/g)) {
    if (found.index < done) continue;
    const start = found.index + found[0].length;
    const end = endOfJson(text, start);
    if (!/"[A-Z]\w*":/.test(text.slice(start, end))) continue;
    out += `${text.slice(done, start)}<Go struct>`;
    done = end;
  }
  const immutable = /(Forbidden: (?:spec is immutable after creation|pod updates may not change)[^\n]*)\n[^]*$/;
  return (out + text.slice(done)).replace(immutable, '$1\n<diff of Go structs>');
}

/** The index behind the JSON object or array that starts at `start`. */
function endOfJson(text, start) {
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  tokens.lastIndex = start;
  let depth = 0;
  for (let token = tokens.exec(text); token; token = tokens.exec(text)) {
    if (token[0] === '{' || token[0] === '[') depth++;
    if ((token[0] === '}' || token[0] === ']') && --depth === 0) return tokens.lastIndex;
  }
  return text.length;
}
