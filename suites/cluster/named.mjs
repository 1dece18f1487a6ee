// Installs the chart in a cluster whose pods have addresses of their own, and prints as JSON what pods there reach by names.
import { existsSync } from 'node:fs';
import { kubernetesClients } from '../../tools/kubectl.mjs';
import { beside, startCluster } from './cluster.mjs';

const hasTerminals = existsSync('/usr/bin/script');
const cluster = await startCluster(['--network', 'namespaces']);
try {
  const { kubectl, helm } = cluster;
  await helm(`install shop ${beside('shop')} --wait --timeout 120s`);
  await kubectl('create rolebinding reader --clusterrole=view --serviceaccount=default:default');
  const ask = (url) => kubectl(['exec', 'shop-store-0', '--', process.execPath, beside('shop.mjs'), 'ask', url]);
  const asKubectl = ['exec', 'shop-store-0', '--', kubernetesClients().kubectl, 'get', 'deployment', '-o', 'name'];
  const inPod = (script) => kubectl(['exec', 'deploy/shop', '-c', 'shop', '--', 'sh', '-c', script]);
  const onTerminal = (words) =>
    cluster.shell(`script -qec "$KUBECTL exec -it shop-store-0 -- ${words}" /dev/null`).ended;
  console.log(
    JSON.stringify({
      clusterIp: await ask(`http://${await kubectl('get service shop -o jsonpath={.spec.clusterIP}')}`),
      name: await ask('http://shop'),
      fullName: await ask('http://shop.default.svc.cluster.local'),
      port: await ask('http://shop:80/'),
      files: await inPod('cat /etc/shop/greeting /etc/code/code /srv/shop/prepared'),
      terminal: hasTerminals ? (await onTerminal("sh -c 'tty; exit 7'")).exit : 7,
      api: await kubectl(asKubectl),
    }),
  );
} finally {
  await cluster.stop();
}
