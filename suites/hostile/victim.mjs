// The server under attack, and what others notice of it.
import { Agent, request } from 'node:https';
import { connect as connectHttp2 } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { startNekube } from '../servers.mjs';

/** How long anything may take; a server that needs longer is stalled. */
export const stalledMs = 60_000;

/** Starts a server that can be asked for its memory. */
export async function startVictim() {
  const nodeArgs = ['--expose-gc', '--import', new URL('memory.mjs', import.meta.url).href];
  return new Victim(await startNekube({ storage: 'memory', nodeArgs }));
}

class Victim {
  constructor(server) {
    this.server = server;
    this.url = server.url;
    this.port = Number(new URL(server.url).port);
    // a server may close a kept connection that the attack had on its own, so they are kept shortly
    this.agent = new Agent({ keepAlive: true, timeout: 1000, rejectUnauthorized: false });
    this.headers = { authorization: `Bearer ${server.token}`, accept: 'application/json' };
  }

  /** Sends a request; gives {code, text}. */
  send(method, path, { type = 'application/json', body, headers = {} } = {}) {
    const all = { ...this.headers, ...headers, ...(body !== undefined && { 'content-type': type }) };
    return new Promise((resolve, reject) => {
      const sent = request(this.url + path, { method, headers: all, agent: this.agent });
      sent.setTimeout(stalledMs, () => sent.destroy(new Error(`${method} ${path}: no answer`)));
      sent.on('error', reject);
      sent.on('response', (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ code: answer.statusCode, text }));
        answer.on('error', reject);
      });
      sent.end(body);
    });
  }

  /** A TLS connection; errors on it are expected and end it. */
  connect(alpn = 'http/1.1') {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.port, ALPNProtocols: [alpn], rejectUnauthorized: false };
      const socket = connect(options, () => {
        socket.off('error', reject).on('error', () => {});
        resolve(socket);
      });
      socket.once('error', reject);
    });
  }

  /** An HTTP/2 session; errors on it are expected. */
  session() {
    const session = connectHttp2(this.url, { rejectUnauthorized: false });
    session.on('error', () => {});
    return session;
  }

  /** Sends bytes on a connection of its own and gives what comes back until it is closed, or a whole head came. */
  async exchange(bytes) {
    const socket = await this.connect();
    const answer = new Promise((resolve) => {
      let text = '';
      socket.setEncoding('latin1').on('data', (chunk) => {
        text += chunk;
        if (text.includes('\r\n\r\n')) resolve(text);
      });
      socket.on('close', () => resolve(text));
    });
    socket.write(bytes);
    const text = await within(answer, 'an answer or a closed connection');
    socket.destroy();
    return text;
  }

  /** Runs an attack while somebody else uses the server, who must not be kept waiting. Gives what the attack gives. */
  async whileOthersWork(attack) {
    let attacking = true;
    let served = 0;
    const others = (async () => {
      while (attacking || served === 0) {
        const { code } = await this.send('GET', '/api/v1/namespaces/default');
        if (code !== 200) throw new Error(`another client got ${code}`);
        served++;
        await sleep(20);
      }
    })();
    try {
      return await Promise.race([attack(), others.then(() => attack)]);
    } finally {
      attacking = false;
      await others;
    }
  }

  /** Bytes in use, after garbage is collected. */
  async memory() {
    const lines = () => [...this.server.stderr().matchAll(/^memory in use: (\d+)$/gm)];
    const before = lines().length;
    process.kill(this.server.pid, 'SIGUSR2');
    for (const end = performance.now() + stalledMs; performance.now() < end; await sleep(20)) {
      if (lines().length > before) return Number(lines().at(-1)[1]);
    }
    throw new Error('the server does not say how much memory it uses');
  }

  /** Waits until no more than so many bytes are in use: what an attack left is still being worked on for a while. */
  async memoryBelow(bytes) {
    let used;
    for (const end = performance.now() + stalledMs; performance.now() < end; await sleep(100)) {
      used = await this.memory();
      if (used <= bytes) return;
    }
    throw new Error(`${Math.round(used / 1e6)} MB are in use, which should be ${Math.round(bytes / 1e6)} MB`);
  }
}

/** The result, unless it takes so long that the server must be called stalled. */
export function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), stalledMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
