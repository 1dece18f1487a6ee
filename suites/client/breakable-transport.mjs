// A transport over HTTPS whose connections can be cut, and whose server may move: for tests of what goes on after that.
import { Agent, request } from 'node:https';

export class BreakableTransport {
  #server;
  #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  #open = new Set();
  /** What was asked of it: `GET /api/v1/…`. */
  asked = [];

  /** @param server `{url, token, ca}` of what startNekube and startOracle give */
  constructor(server) {
    this.#server = server;
  }

  get url() {
    return this.#server.url;
  }

  /** The server has come up somewhere else. */
  moveTo(server) {
    this.#server = server;
  }

  /** Cuts all answers that are being read, as a network does: in the middle. Gives how many. */
  cut() {
    const { size } = this.#open;
    for (const answer of this.#open) answer.destroy(new Error('cut'));
    return size;
  }

  send({ method, path, headers, body, signal }) {
    this.asked.push(`${method} ${path}`);
    const { url, token, ca } = this.#server;
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const options = {
      method,
      agent: this.#agent,
      ca,
      signal,
      headers: { ...headers, ...length, authorization: `Bearer ${token}` },
    };
    return new Promise((resolve, reject) => {
      const sent = request(url + path, options, (answer) => {
        this.#open.add(answer);
        answer.on('error', () => {});
        answer.on('close', () => this.#open.delete(answer));
        resolve({ status: answer.statusCode, headers: answer.headers, body: answer });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  async close() {
    this.cut();
    this.#agent.destroy();
  }
}
