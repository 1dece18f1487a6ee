// A client of any API server for measuring: requests over connections that are kept, watches on connections of their own.
import { Agent, request } from 'node:https';

/** A server to talk to over at most so many connections. */
export class Client {
  #server;
  #agent;

  constructor(server, connections) {
    this.#server = server;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, rejectUnauthorized: false });
  }

  /** Sends a request; gives {code, bytes, text}. The text of large answers is not kept. */
  send(method, path, body, type = 'application/json') {
    const data = body === undefined ? undefined : JSON.stringify(body);
    const headers = { authorization: `Bearer ${this.#server.token}`, accept: 'application/json' };
    if (data !== undefined) Object.assign(headers, { 'content-type': type, 'content-length': Buffer.byteLength(data) });
    return new Promise((resolve, reject) => {
      const sent = request(this.#server.url + path, { method, headers, agent: this.#agent }, (answer) => {
        let bytes = 0;
        const chunks = [];
        answer.on('data', (chunk) => {
          bytes += chunk.length;
          if (bytes < 10_000) chunks.push(chunk);
        });
        answer.on('end', () => resolve({ code: answer.statusCode, bytes, text: Buffer.concat(chunks).toString() }));
        answer.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(data);
    });
  }

  /** Like `send`, and throws unless the answer is a success. */
  async must(method, path, body, type) {
    const answer = await this.send(method, path, body, type);
    if (answer.code >= 300) throw new Error(`${method} ${path}: ${answer.code} ${answer.text.slice(0, 300)}`);
    return answer;
  }

  /** An apply by a manager. */
  apply(path, manager, object) {
    return this.must('PATCH', `${path}?fieldManager=${manager}`, object, 'application/apply-patch+yaml');
  }

  /** Watches a collection on a connection of its own; resolves when the first line came. `onLine` gets each line. */
  watch(path, onLine) {
    const headers = { authorization: `Bearer ${this.#server.token}`, accept: 'application/json' };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.#server.url}${path}?watch=1`, { headers, agent: false, rejectUnauthorized: false });
      sent.on('error', reject);
      sent.on('response', (answer) => {
        let tail = '';
        answer.setEncoding('latin1').on('data', (chunk) => {
          const lines = (tail + chunk).split('\n');
          tail = lines.pop();
          for (const line of lines) onLine(line);
          if (lines.length > 0) resolve(() => sent.destroy());
        });
        answer.on('error', () => {});
      });
      sent.end();
    });
  }

  close() {
    this.#agent.destroy();
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
