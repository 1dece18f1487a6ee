// Webhooks on our runtime, called by a server of ours in this process, and metrics for which it is asked who may read them.
import { after, before, test } from 'node:test';
import { tellMetricsAccessStory } from './metrics-access.mjs';
import { startInProcess } from './server.mjs';
import { tellWebhookStory } from './webhooks.mjs';

let server;
before(async () => {
  server = await startInProcess({ authorizationModes: ['RBAC'] });
});
after(() => server?.stop());

test('webhooks default, judge and convert, and no call fails while their certificates are replaced', () =>
  tellWebhookStory(server));

test('metrics are for those whom the server knows and who have a role for the path', () =>
  tellMetricsAccessStory(server));
