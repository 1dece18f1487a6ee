// node suites/plugins/record.mjs [GROUP…]: records what the real kube-apiserver answers with the flags of flags.mjs.
import { fileURLToPath } from 'node:url';
import { startOracle } from '../../tools/oracle.mjs';
import { Connection } from '../golden/http.mjs';
import { record } from '../golden/replay.mjs';
import { flags } from './flags.mjs';

const dir = fileURLToPath(new URL('.', import.meta.url));
const chosen = process.argv.slice(2);
for (const [group, own] of Object.entries(flags)) {
  if (chosen.length > 0 && !chosen.includes(group)) continue;
  const oracle = await startOracle({
    flags: [...own, ...(group === 'opt-in' ? ['--disable-admission-plugins='] : [])],
  });
  const connection = new Connection(oracle);
  try {
    console.log(`${group}: ${await record(connection, { dir, only: [group] })} recorded`);
  } finally {
    connection.close();
    await oracle.stop();
  }
}
