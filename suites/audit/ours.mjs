// node suites/audit/ours.mjs [NAME…]: tells the story to nekube and shows how its events differ from the recorded ones.
import { differencesOfOurs } from './differences.mjs';

const found = await differencesOfOurs();
for (const { name, differences } of found)
  console.log(`${name}\n${differences.map((line) => `    ${line}`).join('\n')}`);
console.log(`${found.length} steps differ`);
process.exitCode = found.length > 0 ? 1 : 0;
