// node suites/audit/record.mjs: tells the story to a real kube-apiserver of its own and writes recorded.json.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOracle } from '../../tools/oracle.mjs';
import { eventsOf, newId, policyFor, steps, tell } from './story.mjs';

const id = newId();
const dir = mkdtempSync(join(tmpdir(), 'nekube-audit-'));
const [policy, log] = ['policy.yaml', 'audit.log'].map((name) => join(dir, name));
writeFileSync(policy, policyFor(id));
const oracle = await startOracle({ flags: [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`] });
try {
  await tell(oracle, id);
} finally {
  await oracle.stop();
}
const text = readFileSync(log, 'utf8');
if (process.argv[2] !== undefined) writeFileSync(process.argv[2], text);
const events = eventsOf(text, id);
rmSync(dir, { recursive: true, force: true });
const lines = steps.map(({ name }) => {
  const list = (events[name] ?? []).map((event) => JSON.stringify(event));
  return `  ${JSON.stringify(name)}: [${list.length > 0 ? `\n    ${list.join(',\n    ')}\n  ` : ''}]`;
});
writeFileSync(fileURLToPath(new URL('recorded.json', import.meta.url)), `{\n${lines.join(',\n')}\n}\n`);
console.log(`${steps.length} steps, ${Object.values(events).flat().length} events`);
