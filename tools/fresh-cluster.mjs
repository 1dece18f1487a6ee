// Writes dist/apiserver/fresh-cluster.json: what a server makes on an empty storage until nothing is left to do. It is made
// here by the server that was just compiled, one object after the other (docs/adr/0018).
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../dist/apiserver/fresh-cluster.json', import.meta.url));
const QUIET_TURNS = 10;
// what has the certificates of a server in it is made by each one
const OWN = /\/extension-apiserver-authentication$/;
const ADDRESSED = /^\/registry\/(services|ipaddresses)\//;

const write = (clusterIpRange, records) => writeFileSync(file, `${JSON.stringify({ clusterIpRange, records })}\n`);

// without records a server makes all by itself
write('', []);
const { startServer } = await import('nekube/apiserver');
const { openMemory } = await import('nekube/storage');
const { loadOrCreatePki } = await import('nekube/pki');
const { RECORDED_TIME, RECORDED_UID } = await import('../dist/apiserver/fresh-cluster.js');

const storage = openMemory();
const pki = loadOrCreatePki(undefined, { hosts: [], ips: [], now: () => new Date() });
const server = await startServer({ storage, pki, now: () => new Date(RECORDED_TIME) });
for (let still = 0, revision = 0; still < QUIET_TURNS; still++) {
  await new Promise((resolve) => setImmediate(resolve));
  if (storage.revision !== revision) still = 0;
  revision = storage.revision;
}
const { entries } = storage.range('');
await server.close();
await storage.close();
const inOrder = entries.filter(({ key }) => !OWN.test(key)).sort((a, b) => a.createRevision - b.createRevision);
// an address that was reserved comes in one write with its service: else that could not have it for a while
const [addressed, others] = [true, false].map((is) => inOrder.filter(({ key }) => ADDRESSED.test(key) === is));
const records = [...addressed, ...others].map(recordOf);
const cidr = records.find(([key]) => key === '/registry/servicecidrs/kubernetes');
write(JSON.parse(cidr[2]).spec.cidrs.join(','), records);

function recordOf({ key, value }) {
  const bytes = Buffer.from(value);
  const text = bytes.toString('utf8', 4).replace(/"uid":"[-\da-f]{36}"/, `"uid":"${RECORDED_UID}"`);
  return [key, bytes.readUInt32BE(0), text];
}
