// Sends the steps of a scenario: one request and its answer, or a watch and the events that come.
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { fill } from './template.mjs';

/** A connection to a server: `{url, token, ca?}`; without `ca` the server's certificate is not verified. */
export class Connection {
  constructor({ url, token, ca }) {
    this.url = url.replace(/\/$/, '');
    this.token = token;
    this.base = new URL(this.url);
    this.ca = ca;
    this.lib = this.base.protocol === 'https:' ? https : http;
    this.tls = this.base.protocol === 'https:' ? { ca, rejectUnauthorized: ca !== undefined } : {};
    this.agent = new this.lib.Agent({ keepAlive: true, maxSockets: 64, ...this.tls });
  }

  close() {
    this.agent.destroy();
  }

  /** The answer `{code, rawHeaders, warnings, text}`; a failed connection is code -1 with the failure as text. */
  request(step, vars) {
    return new Promise((resolve) => {
      const failed = (error) => resolve({ code: -1, rawHeaders: {}, warnings: [], text: String(error.message) });
      const request = this.#send(step, vars, this.agent, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', failed);
        response.on('end', () => resolve({ ...headOf(response), text: Buffer.concat(chunks).toString('utf8') }));
      });
      request.setTimeout(step.timeoutMs ?? 30_000, () => request.destroy(new Error('client timeout')));
      request.on('error', failed);
    });
  }

  /** Opens a watch on a connection of its own. */
  watch(step, vars) {
    return new Watch((onResponse) => this.#send(step, vars, undefined, onResponse));
  }

  #send(step, vars, agent, onResponse) {
    const body = bodyOf(step, vars);
    const headers = this.#headers(step, vars);
    if (body !== undefined) {
      if (step.contentType !== null) headers['content-type'] = step.contentType ?? 'application/json';
      headers['content-length'] = Buffer.byteLength(body);
    }
    const { protocol, hostname, port } = this.base;
    const target = { protocol, hostname, port, path: pathOf(step, vars), method: step.method ?? 'GET' };
    const request = this.lib.request({ ...target, headers, agent, ...(agent ? {} : this.tls) }, onResponse);
    request.end(body);
    return request;
  }

  #headers(step, vars) {
    const headers = { accept: step.accept ?? 'application/json', 'user-agent': step.userAgent ?? 'golden/1.0' };
    if (step.auth !== 'none') headers.authorization = step.auth ?? `Bearer ${this.token}`;
    if (step.as) Object.assign(headers, impersonation(step.as));
    for (const [name, value] of Object.entries(step.headers ?? {})) {
      if (value === null) delete headers[name.toLowerCase()];
      else headers[name.toLowerCase()] = value;
    }
    return fill(headers, vars);
  }
}

function impersonation({ user, groups, uid, extra = {} }) {
  const headers = { 'impersonate-user': user };
  if (groups) headers['impersonate-group'] = groups;
  if (uid) headers['impersonate-uid'] = uid;
  for (const [key, value] of Object.entries(extra)) headers[`impersonate-extra-${key}`] = value;
  return headers;
}

function pathOf(step, vars) {
  const path = fill(step.path, vars);
  if (!step.query) return path;
  const query = fill(step.query, vars);
  return `${path}${path.includes('?') ? '&' : '?'}${typeof query === 'string' ? query : encodeQuery(query)}`;
}

function encodeQuery(query) {
  const pairs = Object.entries(query).flatMap(([key, value]) => [value].flat().map((one) => [key, one]));
  return pairs.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&');
}

function bodyOf(step, vars) {
  if (step.body === undefined) return undefined;
  const body = fill(step.body, vars);
  if (step.bodyPad) return JSON.stringify(body).replace('PAD', 'x'.repeat(step.bodyPad));
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function headOf(response) {
  const raw = response.rawHeaders;
  const warnings = raw.filter((_, i) => i % 2 === 1 && raw[i - 1].toLowerCase() === 'warning');
  return { code: response.statusCode, rawHeaders: response.headers, warnings };
}

/** A running watch: gathers events as they come; bookmarks count only where they end the initial events. */
class Watch {
  #events = [];
  #head = { code: 0, rawHeaders: {}, warnings: [] };
  #ended = false;
  #closing = false;
  #text = '';
  #wake = () => {};
  #request;

  constructor(send) {
    this.opened = new Promise((resolve) => {
      this.#request = send((response) => {
        this.#head = headOf(response);
        resolve();
        this.#read(response);
      });
      this.#request.on('error', (error) => {
        if (!this.#closing) this.#text ||= String(error.message);
        this.#end();
        resolve();
      });
    });
  }

  #read(response) {
    let rest = '';
    response.setEncoding('utf8');
    response.on('error', () => this.#end());
    response.on('end', () => this.#end());
    response.on('data', (chunk) => {
      if (this.#head.code !== 200) {
        this.#text += chunk;
        return;
      }
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) if (line.trim() !== '') this.#take(line);
      this.#wake();
    });
  }

  #take(line) {
    const event = parsed(line) ?? { unparsable: line };
    const ends = event.object?.metadata?.annotations?.['k8s.io/initial-events-end'];
    if (event.type !== 'BOOKMARK' || ends) this.#events.push(event);
  }

  #end() {
    this.#ended = true;
    this.#wake();
  }

  /** Waits for `count` events, at most `timeoutMs`, then `quietMs` more for events too many; hands out what came. */
  async collect(count, timeoutMs, quietMs) {
    await this.opened;
    const end = Date.now() + timeoutMs;
    while (!this.#ended && this.#events.length < count && Date.now() < end) await this.#news(end - Date.now());
    if (!this.#ended) await sleep(quietMs);
    return { ...this.#head, events: this.#events.splice(0), text: this.#text, ended: this.#ended };
  }

  #news(timeoutMs) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, timeoutMs));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close() {
    this.#closing = true;
    this.#request.destroy();
  }
}

/** The JSON value of a text; undefined when it is none. */
export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
