// Starts environments of nekube/envtest in this process, at the level that is named, and tells how long the first and the
// others took, each until it has answered a list.
import { start } from 'nekube/envtest';

const [level, count] = process.argv.slice(2);
const times = [];
for (let i = 0; i < Number(count); i++) {
  const began = performance.now();
  const environment = await start({ level });
  await environment.client.list({ apiVersion: 'v1', kind: 'Namespace' });
  times.push(performance.now() - began);
  await environment.stop();
}
console.log(JSON.stringify({ first: times[0], later: times.slice(1) }));
