// Webhooks on our runtime, called by a server of ours in this process.
import { after, before, test } from 'node:test';
import { startInProcess } from './server.mjs';
import { tellWebhookStory } from './webhooks.mjs';

let server;
before(async () => {
  server = await startInProcess();
});
after(() => server?.stop());

test('webhooks default, judge and convert, and no call fails while their certificates are replaced', () =>
  tellWebhookStory(server));
