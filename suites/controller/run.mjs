// npm run suites -- controller [--oracle]
//
// A controller on our runtime, against a server of ours in this process; with --oracle against the real kube-apiserver.
import { parseArgs } from 'node:util';
import { startOracle } from '../../tools/oracle.mjs';
import { tellMetricsAccessStory } from './metrics-access.mjs';
import { runtimeStories } from './runtime.mjs';
import { startInProcess } from './server.mjs';
import { tellStory } from './story.mjs';
import { tellWebhookStory } from './webhooks.mjs';

const { values } = parseArgs({ options: { oracle: { type: 'boolean' } } });
const server = values.oracle ? await startOracle() : await startInProcess({ authorizationModes: ['RBAC'] });
try {
  await tellStory(server);
  await tellWebhookStory(server);
  await tellMetricsAccessStory(server);
  for (const [name, tell] of runtimeStories) {
    console.log(name);
    await tell(server);
  }
  console.log('ok');
} finally {
  await server.stop();
}
