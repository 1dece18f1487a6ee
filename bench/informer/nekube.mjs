// An informer of nekube's, in a process of its own: see ../informer.mjs.
import { newClient, newInformer, transportFor } from '../../dist/client/index.js';
import { tell } from './tell.mjs';

const { url, token, ca } = JSON.parse(process.env.SERVER);
const client = newClient(await transportFor({ server: url, token, ca: { pem: ca } }));
const informer = newInformer(client, { apiVersion: 'v1', kind: 'Pod' });
const told = tell();
informer.handle({ added: told.object, updated: told.change });
void informer.run(new AbortController().signal);
await informer.synced();
told.synced(informer.store.size);
