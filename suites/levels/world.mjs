// What a behaviour acts in: a namespace of its own, names that nobody else has, and verbs whose answers are recorded.
import { isStatusError } from 'nekube/apimachinery';
import { newClient } from 'nekube/client';
import { Normaliser } from '../golden/normalise.mjs';
import { fill } from '../golden/template.mjs';
import { Recording } from './recording.mjs';
import { Watched } from './watched.mjs';

/** What a request repeats of earlier answers. */
const TOKENS = /\b((continue|resourceVersion)=)(?!0\b|x\b|none\b)[^&]+/g;
/** How long something may take that comes by itself, as when a policy is in force. */
const WAIT = { timeoutMs: 60_000, intervalMs: 20 };
const STATUS = { subresource: 'status' };

/** The steps that data can name are its methods; what is refused is an answer like others. `{{id}}` is the namespace. */
export class World {
  #recording = new Recording();
  #cleanups = [];
  #varying = [];
  /** What varies and is known by a name. */
  vars = {};
  /** The last answer, as an object or a Status. */
  last;

  constructor({ env, clientOf }, id) {
    this.env = env;
    this.clientOf = clientOf;
    this.id = id;
    this.client = env.client.with({ defaultNamespace: id });
    this.#actAs(env.client);
  }

  /** @param place what `open` of levels.mjs gives */
  static async open(place) {
    return new World(place, await place.env.namespace('levels'));
  }

  /** Plays steps: functions, and data, which is the name of a method and its arguments. */
  async play(steps) {
    for (const step of steps) await this.step(step);
  }

  step(step) {
    if (typeof step === 'function') return step(this);
    const [verb, ...args] = step;
    return this[verb](...this.fill(args));
  }

  fill(value) {
    return fill(value, this);
  }

  // what data can name of the last answer

  get rv() {
    return this.last.metadata.resourceVersion;
  }
  get uid() {
    return this.last.metadata.uid;
  }
  get next() {
    return encodeURIComponent(this.last.metadata.continue);
  }
  /** Names of the last answer what later steps need: `{{NAME_rv}}` and `{{NAME_uid}}`. */
  remember(name) {
    Object.assign(this, { [`${name}_rv`]: this.rv, [`${name}_uid`]: this.uid });
  }

  /** What was recorded, without what varies from run to run. */
  observations() {
    const { sent } = this.#recording;
    const { url } = this.env.client.transport;
    const connection = { url, base: new URL(url) };
    const normaliser = new Normaliser({ vars: { ...this.vars, id: this.id }, sent, connection });
    return this.#exchanges().map(({ did, answer, noted, value }) => {
      if (noted !== undefined) return { noted, value: normaliser.value(value) };
      // of a kind of one's own the real server goes through the properties as they lie in a map
      const step = { sortCauses: did.includes('.example.com/') };
      return { did: normaliser.string(did.replace(TOKENS, '$1<$2>')), ...normaliser.response(answer, step) };
    });
  }

  /** At fake the address has no port, which a token's issuer names nevertheless. */
  #exchanges() {
    const { url } = this.env.client.transport;
    const text = this.#varying.reduce(
      // 10.0.0.25 is no part of 10.0.0.254
      (all, one) => all.replace(new RegExp(`(?<![0-9.])${escaped(one)}(?![0-9])`, 'g'), () => '<varies>'),
      JSON.stringify(this.#recording.exchanges).replaceAll(`${url}:443/`, `${url}/`),
    );
    return JSON.parse(text);
  }

  /** Undoes what lives outside of the namespace. */
  async close() {
    for (const undo of this.#cleanups.reverse()) await undo();
  }

  later(undo) {
    this.#cleanups.push(undo);
  }

  /** A value that the server chose, and that is sent back to it. */
  varies(value) {
    this.#varying.push(value);
  }

  note(what, value) {
    this.#recording.note(what, value);
  }

  // requests

  create(object, options) {
    this.#goes(object, options);
    return this.#ask((client) => client.create(object, options));
  }
  get(kind, name, options) {
    return this.#ask((client) => client.get(kind, { name }, options));
  }
  list(kind, options) {
    return this.#ask((client) => client.list(kind, { namespace: this.id, ...options }));
  }
  update(object, options) {
    return this.#ask((client) => client.update(object, options));
  }
  apply(configuration, options) {
    this.#goes(configuration, options);
    return this.#ask((client) => client.apply(configuration, { fieldManager: 'one', ...options }));
  }
  patch(kind, name, patch, options) {
    return this.#ask((client) => client.patch(kind, { name }, patch, options));
  }
  delete(kind, name, options) {
    return this.#ask((client) => client.delete(kind, { name }, options));
  }
  deleteAll(kind, selection, options) {
    return this.#ask((client) => client.deleteAll(kind, { namespace: this.id, ...selection }, options));
  }
  below(kind, name, subresource, object, options) {
    return this.#ask((client) => client.createSubresource(kind, { name }, subresource, object, options));
  }
  /** Any request; a body that is no text is sent as JSON. */
  send(method, path, body, headers = {}) {
    const text = typeof body === 'string' ? body : body && JSON.stringify(body);
    const type = text === undefined ? {} : { 'content-type': 'application/json' };
    return this.#ask((client) => client.raw({ method, path, headers: { ...type, ...headers }, body: text }));
  }
  /** A request that is not repeated, whatever is answered; nothing is recorded. */
  async once(method, path, body) {
    const headers = { 'content-type': 'application/json' };
    const answer = await this.env.client.transport.send({ method, path, headers, body });
    for await (const _ of answer.body);
    return answer;
  }
  /** Reads an object, changes it by a merge patch here, and writes it back whole. */
  async change(kind, name, changes, options) {
    const object = await this.client.get(kind, { name });
    return this.update(merged(object, changes), options);
  }
  /** Writes the status that a controller would. */
  status(kind, name, status) {
    return this.patch(kind, name, { merge: { status } }, STATUS);
  }

  // who asks, and how

  /** From here on as another user. */
  as(user) {
    this.#actAs(this.clientOf(user));
  }
  /** From here on as the admin again, who may say that he is somebody. */
  admin(impersonate) {
    this.#actAs(this.env.client, impersonate);
  }

  // waiting

  /** Takes a step again and again, and records the first answer that has the code, and a part of a text. */
  async until(code, step, text = '') {
    const { exchanges } = this.#recording;
    const before = exchanges.length;
    await this.env.eventually(async () => {
      exchanges.length = before;
      await this.step(step);
      const { answer } = exchanges.at(-1);
      return answer.code === code && answer.text.includes(text);
    }, WAIT);
  }
  /** Waits until a kind that was defined is served. */
  async served(kind) {
    await this.eventually(() => this.client.list(kind, { limit: 1 }));
  }
  /** What `check` gives as soon as that is something; a failure is no answer. Nothing is recorded. */
  eventually(check) {
    return this.env.eventually(async () => (await check()) || false, WAIT);
  }

  // watching

  /** Begins a watch, whose events are recorded when it is asked for them. */
  watch(kind, options) {
    const watched = new Watched(this.client, kind, { namespace: this.id, ...options });
    this.later(() => watched.stop());
    return watched;
  }
  /** Records so many events of a watch. */
  async take(watched, count) {
    this.#recording.watched(watched.name, await watched.take(count));
  }

  #actAs(client, impersonate) {
    const transport = this.#recording.over(client.transport);
    this.asking = newClient(transport, { defaultNamespace: this.id, userAgent: 'levels/1.0', impersonate });
  }

  async #ask(request) {
    try {
      this.last = await request(this.asking);
    } catch (error) {
      if (!isStatusError(error)) throw error;
      this.last = error.status;
    }
    return this.last;
  }

  /** What has the id in its name lives outside of the namespace, and others would meet it. */
  #goes({ apiVersion, kind, metadata: { name = '' } = {} }, { dryRun } = {}) {
    if (dryRun || !name.includes(this.id)) return;
    const gone = { propagationPolicy: 'Background' };
    this.later(() => this.client.delete({ apiVersion, kind }, { name }, gone).catch(() => {}));
  }
}

/** As RFC 7386. */
function merged(value, changes) {
  if (changes === null || typeof changes !== 'object' || Array.isArray(changes)) return changes;
  const out = { ...value };
  for (const [key, change] of Object.entries(changes)) {
    if (change === null) delete out[key];
    else out[key] = merged(out[key], change);
  }
  return out;
}

/** A text as an expression that matches it. */
function escaped(text) {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
