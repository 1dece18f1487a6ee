// node suites/protobuf/record.mjs: records what the real kube-apiserver answers to requests.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { startOracle } from '../../tools/oracle.mjs';
import { exchange } from './exchange.mjs';

const oracle = await startOracle();
try {
  const steps = JSON.parse(readFileSync(new URL('requests.json', import.meta.url), 'utf8'));
  const recorded = [];
  for (const step of steps) recorded.push(await exchange(oracle, step));
  const lines = recorded.map((answer) => ` ${JSON.stringify(answer)}`).join(',\n');
  writeFileSync(new URL('recorded.json', import.meta.url), `[\n${lines}\n]\n`);
} finally {
  await oracle.stop();
}
