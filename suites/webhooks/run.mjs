// npm run suites -- webhooks [--oracle]
//
// Webhook servers against a server: one in JavaScript, by its URL and by a service, and one with Go's controller-runtime.
// --oracle asks the real kube-apiserver instead.
import { parseArgs } from 'node:util';
import { startOracle } from '../../tools/oracle.mjs';
import { runClient } from '../clients/run.mjs';
import { startNekube } from '../servers.mjs';
import { tellStory } from './story.mjs';

const { values } = parseArgs({ options: { oracle: { type: 'boolean' } } });
const start = () => (values.oracle ? startOracle() : startNekube());
const stories = {
  'JavaScript, by URL': (server) => tellStory(server, { byService: false }),
  'JavaScript, by a service': (server) => tellStory(server, { byService: true }),
  'controller-runtime': (server) => runClient('controller-runtime', server, (text) => process.stdout.write(text)),
};

let failed = 0;
for (const [name, tell] of Object.entries(stories)) {
  const server = await start();
  try {
    const skip = await tell(server);
    console.log(skip === undefined ? `ok   ${name}` : `skip ${name}: ${skip}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}: ${error.stack}`);
  } finally {
    await server.stop();
  }
}
console.log(`${Object.keys(stories).length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
