// A program that runs itself again within namespaces of its own, and publishes what it serves there.
import { createServer } from 'node:http';
import { openGate, runInNamespaces } from 'nekube/network';

const gate = await openGate();
if (gate === undefined) {
  process.exitCode = await runInNamespaces([process.argv[1]]);
} else {
  const server = createServer((_, response) => response.end(`pid ${process.pid}`)).listen(0, '127.0.0.1', async () => {
    const { port } = server.address();
    await gate.publish({ host: '127.0.0.1', port });
    console.log(port);
  });
  process.once('SIGTERM', () => process.exit(7));
}
