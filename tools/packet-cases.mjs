// Makes src/loadbalancer/testdata/packets.json: what becomes of packets in the load balancer's programs, by every mode, family and protocol.
// What is expected is put together here by the RFCs, and not recorded.
//
//   node tools/packet-cases.mjs
import { writeFileSync } from 'node:fs';
import { headerCases } from './packet-cases/headers.mjs';
import { replyCases } from './packet-cases/replies.mjs';
import { requestCases } from './packet-cases/requests.mjs';

const file = new URL('../src/loadbalancer/testdata/packets.json', import.meta.url);
const parts = [requestCases(), replyCases(), headerCases()];
const configs = Object.assign({}, ...parts.map((part) => part.configs));
const cases = parts.flatMap((part) => part.cases);
const names = new Set(cases.map(({ name }) => name));
if (names.size !== cases.length) throw new Error('Two cases have one name');
const lines = (values) => values.map((value) => `  ${JSON.stringify(value)}`).join(',\n');
const members = Object.entries(configs).map(([name, config]) => `  ${JSON.stringify(name)}: ${JSON.stringify(config)}`);
const about =
  'Made by tools/packet-cases.mjs. Cases of a configuration run one after another on one node; of bytes in mask nothing is said.';
writeFileSync(
  file,
  `{\n "about": ${JSON.stringify(about)},\n "configs": {\n${members.join(',\n')}\n },\n "cases": [\n${lines(cases)}\n ]\n}\n`,
);
console.log(`${cases.length} cases`);
