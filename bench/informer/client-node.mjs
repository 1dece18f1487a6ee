// An informer of @kubernetes/client-node, in a process of its own: see ../informer.mjs.
import { CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';
import { tell } from './tell.mjs';

const { url, token, ca } = JSON.parse(process.env.SERVER);
const config = new KubeConfig();
config.loadFromClusterAndUser(
  { name: 'c', server: url, caData: Buffer.from(ca).toString('base64') },
  { name: 'u', token },
);
const api = config.makeApiClient(CoreV1Api);
const informer = makeInformer(config, '/api/v1/pods', () => api.listPodForAllNamespaces());
const told = tell();
informer.on('add', told.object);
informer.on('update', told.change);
informer.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
await informer.start();
told.synced(informer.list().length);
