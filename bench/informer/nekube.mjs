// An informer of nekube's, in a process of its own: see ../informer.mjs.
import { newClient, newInformer } from '../../dist/client/index.js';
import { BreakableTransport } from '../../suites/client/breakable-transport.mjs';
import { tell } from './tell.mjs';

const server = JSON.parse(process.env.SERVER);
const client = newClient(new BreakableTransport(server));
const informer = newInformer(client, { apiVersion: 'v1', kind: 'Pod' });
const told = tell();
informer.handle({ added: told.object, updated: told.change });
void informer.run(new AbortController().signal);
await informer.synced();
told.synced(informer.store.size);
