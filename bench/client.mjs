// A client of any API server for measuring: requests over connections that are kept, watches on connections of their own.
import { request } from 'node:https';
import { Connection } from './connection.mjs';

/** A server to talk to over at most so many connections. */
export class Client {
  #server;
  #limit;
  #open = [];
  #free = [];
  #waiting = [];

  constructor(server, connections) {
    this.#server = server;
    this.#limit = connections;
  }

  /** Sends a request; gives {code, bytes, text}. Of large answers `text` is the beginning. `headers` are further lines. */
  async send(method, path, object, type = 'application/json', headers = '') {
    const { token, url } = this.#server;
    const body = object === undefined ? '' : JSON.stringify(object);
    const length =
      object === undefined ? '' : `content-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
    const head = `${method} ${path} HTTP/1.1\r\nhost: ${url.slice(8)}\r\nauthorization: Bearer ${token}\r\naccept: application/json\r\n`;
    const connection = await this.#take();
    try {
      return await connection.send(`${head}${length}${headers}\r\n`, body);
    } finally {
      this.#give(connection);
    }
  }

  /** Like `send`, and throws unless the answer is a success. */
  async must(method, path, object, type) {
    const answer = await this.send(method, path, object, type);
    if (answer.code >= 300) throw new Error(`${method} ${path}: ${answer.code} ${answer.text.slice(0, 300)}`);
    return answer;
  }

  /** A GET in the name of another user. */
  getAs(user, path) {
    return this.send('GET', path, undefined, undefined, `impersonate-user: ${user}\r\n`);
  }

  /** An apply by a manager. */
  apply(path, manager, object) {
    return this.must('PATCH', `${path}?fieldManager=${manager}`, object, 'application/apply-patch+yaml');
  }

  /**
   * Watches a collection on a connection of its own. `onLines` gets how many lines have ended, and the bytes that ended
   * the last one. Resolves when the first has come, to a function that ends the watch.
   */
  watch(path, onLines) {
    const headers = { authorization: `Bearer ${this.#server.token}`, accept: 'application/json' };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.#server.url}${path}?watch=1`, { headers, agent: false, rejectUnauthorized: false });
      sent.on('error', reject);
      sent.on('response', (answer) => {
        let lines = 0;
        answer.on('data', (chunk) => {
          const before = lines;
          for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
          if (lines > before) onLines(lines, chunk);
          if (before === 0 && lines > 0) resolve(() => sent.destroy());
        });
        answer.on('error', () => {});
      });
      sent.end();
    });
  }

  close() {
    for (const connection of this.#open) connection.close();
  }

  async #take() {
    const free = this.#free.pop();
    if (free) return free;
    if (this.#open.length < this.#limit) {
      // counted before it is there, so that there are not too many
      const at = this.#open.push({ close() {} }) - 1;
      this.#open[at] = await Connection.open(this.#server.url);
      return this.#open[at];
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #give(connection) {
    const next = this.#waiting.shift();
    if (next) next(connection);
    else this.#free.push(connection);
  }
}

/** Runs `send(i, worker)` from so many workers for a time; gives {perSecond, p50Ms, p99Ms, requests}. */
export async function rate(connections, seconds, send) {
  const times = [];
  const began = performance.now();
  const end = began + seconds * 1000;
  let next = 0;
  await Promise.all(
    Array.from({ length: connections }, async (_, worker) => {
      while (performance.now() < end) {
        const sent = performance.now();
        await send(next++, worker);
        times.push(performance.now() - sent);
      }
    }),
  );
  const perSecond = times.length / ((performance.now() - began) / 1000);
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { perSecond, p50Ms: at(0.5), p99Ms: at(0.99), requests: times.length };
}

/** Runs `send(i)` for each of `count` numbers, from so many workers. */
export async function each(connections, count, send) {
  let next = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (next < count) await send(next++);
    }),
  );
}
