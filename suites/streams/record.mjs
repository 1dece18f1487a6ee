// Records how the real kube-apiserver refuses: node suites/streams/record.mjs writes recorded.json.
import { writeFileSync } from 'node:fs';
import { startOracle } from '../../tools/oracle.mjs';
import { connected } from '../connected.mjs';
import { ask, CASES, prepare } from './refusals.mjs';

const oracle = await startOracle({ flags: ['--kubelet-preferred-address-types=InternalIP,Hostname'] });
try {
  const world = await connected(oracle.url, oracle.ca, { token: oracle.token }, 'nekube-streams-');
  await prepare(world);
  const server = { url: oracle.url, tls: { rejectUnauthorized: false }, authorization: `Bearer ${oracle.token}` };
  const recorded = {};
  for (const one of CASES) recorded[one.name] = await ask(server, one);
  writeFileSync(new URL('recorded.json', import.meta.url), `${JSON.stringify(recorded, null, 2)}\n`);
  await world.close();
} finally {
  await oracle.stop();
}
