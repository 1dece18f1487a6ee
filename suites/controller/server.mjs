// A server of ours in this process, clients of any server of the suites, and waiting for what will be.
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from 'nekube/apiserver';
import { connect } from 'nekube/client';
import { loadOrCreatePki } from 'nekube/pki';
import { openMemory } from 'nekube/storage';

const TOKEN = 'admintoken';
const WAIT_MS = 60_000;

/** Starts a server in this process; gives what {@link clientOf} takes, and stop(). Options are added to the server's. */
export async function startInProcess(options = {}) {
  const pki = loadOrCreatePki(undefined, { hosts: ['localhost'], ips: ['127.0.0.1'], now: () => new Date() });
  const server = await startServer({
    listen: { host: '127.0.0.1', port: 0 },
    storage: openMemory(),
    pki,
    tokens: [{ token: TOKEN, user: { name: 'admin', uid: 'admin', groups: ['system:masters'] } }],
    ...options,
  });
  return { url: server.url, token: TOKEN, ca: pki.caCert, stop: () => server.close() };
}

/** A client of a server of the suites. */
export function clientOf({ url, token, ca }) {
  return connect({ config: { server: url, token, ca: { pem: ca } } });
}

/** What `check` gives as soon as it gives something and does not throw. */
export async function eventually(what, check) {
  let last;
  for (const deadline = performance.now() + WAIT_MS; performance.now() < deadline; await sleep(20)) {
    try {
      const found = await check();
      if (found !== undefined && found !== false) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`Waited in vain: ${what}`, { cause: last });
}
