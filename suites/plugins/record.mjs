// node suites/plugins/record.mjs: records what the real kube-apiserver answers with the plugins of flags.mjs.
import { fileURLToPath } from 'node:url';
import { startOracle } from '../../tools/oracle.mjs';
import { Connection } from '../golden/http.mjs';
import { record } from '../golden/replay.mjs';
import { flags } from './flags.mjs';

const oracle = await startOracle({ flags: [...flags, '--disable-admission-plugins='] });
const connection = new Connection(oracle);
try {
  const dir = fileURLToPath(new URL('.', import.meta.url));
  console.log(`${await record(connection, { dir })} recorded`);
} finally {
  connection.close();
  await oracle.stop();
}
