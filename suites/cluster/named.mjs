// Installs the chart in a cluster whose pods have addresses of their own, and prints as JSON what is reached from pods there, by
// names where pods have names. The arguments: the network mode, and whether the cluster is to be run by a user without rights.
import { kubernetesClients } from '../../tools/kubectl.mjs';
import { beside, startCluster } from './cluster.mjs';

const [mode, isRootless] = [process.argv[2], process.argv[3] === 'rootless'];
// nobody's, where this program is root's
const owner = isRootless && process.getuid() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
const cluster = await startCluster(['--network', mode], { owner });
try {
  const { kubectl, helm } = cluster;
  await helm(`install shop ${beside('shop')} --wait --timeout 120s`);
  await kubectl('create rolebinding reader --clusterrole=view --serviceaccount=default:default');
  const inStore = (argv) => kubectl(['exec', 'shop-store-0', '--', ...argv]);
  const ask = (url) => inStore([process.execPath, beside('shop.mjs'), 'ask', url]);
  const asKubectl = [kubernetesClients().kubectl, 'get', 'deployment', '-o', 'name'];
  const inPod = (script) => kubectl(['exec', 'deploy/shop', '-c', 'shop', '--', 'sh', '-c', script]);
  const clusterIp = await ask(`http://${await kubectl('get service shop -o jsonpath={.spec.clusterIP}')}`);
  const saw =
    mode === 'loopback'
      ? { clusterIp, files: await inPod('cd $NEKUBE_ROOT && cat etc/shop/greeting etc/code/code srv/shop/prepared') }
      : {
          clusterIp,
          name: await ask('http://shop'),
          fullName: await ask('http://shop.default.svc.cluster.local'),
          port: await ask('http://shop:80/'),
          files: await inPod('cat /etc/shop/greeting /etc/code/code /srv/shop/prepared'),
          // another user may not be able to run our kubectl
          ...(owner === undefined && { api: await inStore(asKubectl) }),
        };
  console.log(JSON.stringify(saw));
} finally {
  await cluster.stop();
}
