// What a browser does with a console, in a few lines: keeps its cookie, says where its page is from, opens one WebSocket.
import { request } from 'node:http';
import { WebSocket } from 'undici';

/**
 * Asks without more than what is given, so that a test says every header itself.
 *
 * @returns `{code, headers, text, json()}`
 */
export function ask(url, { method = 'GET', path, headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, method, headers, ...(path && { path }) }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(pieces).toString();
        resolve({ code: answer.statusCode, headers: answer.headers, text, json: () => JSON.parse(text) });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Opens a link that signs in, as a browser, whose requests then are those of a page of the console. */
export async function signIn(link) {
  const answer = await ask(link);
  if (answer.code !== 200) throw new Error(`${answer.code} ${answer.text}`);
  return new Browser(new URL(link).origin, answer.headers['set-cookie'][0].split(';')[0]);
}

/** A browser that is signed in. */
export class Browser {
  constructor(origin, cookie) {
    this.origin = origin;
    this.cookie = cookie;
  }

  /** @returns what {@link ask} does */
  async fetch(path, { method = 'GET', body, headers = {} } = {}) {
    const writes = method !== 'GET' && method !== 'HEAD';
    if (writes && this.csrf === undefined) this.csrf = (await this.fetch('/console/session')).json().csrf;
    return ask(this.origin + path, {
      method,
      headers: {
        cookie: this.cookie,
        'sec-fetch-site': 'same-origin',
        ...(writes && { origin: this.origin, 'x-nekube-csrf': this.csrf }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  /** The connection for watches. */
  async watches(headers = {}) {
    const socket = new WebSocket(`${this.origin.replace('http', 'ws')}/console/watch`, {
      headers: { cookie: this.cookie, origin: this.origin, ...headers },
    });
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => reject(new Error('the WebSocket was refused')));
    });
    return new Watches(socket);
  }
}

/** Watches on one connection. */
class Watches {
  #lastId = 0;
  #waiting = [];

  constructor(socket) {
    this.socket = socket;
    this.messages = [];
    this.closed = new Promise((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
    socket.addEventListener('message', ({ data }) => {
      this.messages.push(JSON.parse(data));
      for (const look of this.#waiting) look();
    });
  }

  watch(path, more = {}) {
    const id = ++this.#lastId;
    this.send({ id, path, ...more });
    return id;
  }

  send(message) {
    this.socket.send(JSON.stringify(message));
  }

  eventsOf(id) {
    return this.messages.filter((message) => message.id === id).flatMap(({ events = [] }) => events);
  }

  endOf(id) {
    return this.messages.find((message) => message.id === id && message.end)?.end.status;
  }

  /** Resolves with what `find` finds, when it does. */
  until(find) {
    return new Promise((resolve) => {
      const look = () => {
        const found = find();
        if (!found) return;
        this.#waiting = this.#waiting.filter((one) => one !== look);
        resolve(found);
      };
      this.#waiting.push(look);
      look();
    });
  }
}
