// The pages whose examples are promised to be real output: each command is run, and prints what the page says.
// `npm test -- ownership/story --update` writes down what is printed now.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kubernetesClients } from '../../tools/kubectl.mjs';
import { runPage, timeless } from './pages.mjs';
import { servers, startCluster } from './servers.mjs';

const clients = kubernetesClients();

for (const name of ['ownership-story.md'])
  describe(`docs/${name}`, { skip: clients.skip ?? false }, () => {
    const path = fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
    let cluster;

    before(async () => (cluster = await startCluster(servers[0])));
    after(async () => await cluster?.stop());

    test('prints what it says', async () => {
      const page = readFileSync(path, 'utf8');
      const now = await runPage(page, cluster, clients);
      if (process.env.NEKUBE_UPDATE_GOLDENS) writeFileSync(path, now);
      else assert.equal(timeless(now), timeless(page));
    });
  });
