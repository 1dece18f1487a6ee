// Backends on loopback, free ports, and requests without a pause that must all succeed.
import { Agent, createServer, get } from 'node:http';

export { freePort } from '../../tools/free-ports.mjs';

/** A server that answers its name: `{port, close()}`. */
export async function startBackend(name) {
  const server = createServer((_request, response) => response.end(name));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** One request: its status and text. Rejects when the connection fails. */
export function ask(port, path, agent = false) {
  return new Promise((resolve, reject) => {
    const sent = get({ host: '127.0.0.1', port, path, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
  });
}

/** Asks without a pause, over a few connections, until `stop()`, which gives `{count, failures}`. */
export function startTraffic(port, path, connections = 4) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const failures = [];
  let count = 0;
  let isOver = false;
  const loop = async () => {
    while (!isOver) {
      const { status, text } = await ask(port, path, agent).catch((error) => ({ status: 0, text: error.message }));
      count++;
      if (status !== 200) failures.push(`${status} ${text}`);
    }
  };
  const loops = Array.from({ length: connections }, loop);
  return {
    get count() {
      return count;
    },
    async stop() {
      isOver = true;
      await Promise.all(loops);
      agent.destroy();
      return { count, failures };
    },
  };
}
