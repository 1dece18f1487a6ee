// node suites/access/record.mjs: records whom the real kube-apiserver lets through to which of its endpoints.
import { writeFileSync } from 'node:fs';
import { startOracle } from '../../tools/oracle.mjs';
import { endpointsOf, MODES, tableOf } from './table.mjs';

const oracle = await startOracle({ flags: [`--authorization-mode=${MODES}`] });
try {
  const lines = await tableOf(oracle, await endpointsOf(oracle));
  writeFileSync(new URL('recorded.txt', import.meta.url), `${lines.join('\n')}\n`);
} finally {
  await oracle.stop();
}
