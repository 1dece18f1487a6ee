// The controller of bench/controller.mjs on nekube/controller; see main.go, which does the same.
import { writeSync } from 'node:fs';
import { connect } from 'nekube/client';
import { Manager, noMetrics } from 'nekube/controller';

const { BENCH_URL: server, BENCH_TOKEN: token, BENCH_CA: pem, BENCH_WORKERS: workers } = process.env;
const WEB = { apiVersion: 'example.com/v1', kind: 'Web' };
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
let waited = [];
let took = [];
const metrics = { ...noMetrics, queue: () => ({ ...noMetrics.queue(''), taken: (ms) => waited.push(ms) }) };
const client = await connect({ config: { server, token, ca: { pem } } });
const manager = new Manager({ client, metrics });
manager
  .controller('web', { maxConcurrentReconciles: Number(workers) })
  .for(WEB)
  .owns(CONFIG_MAP)
  .reconcile(async ({ name }, { object: web, applyOwned }) => {
    if (web === undefined) return;
    const began = performance.now();
    await applyOwned({ ...CONFIG_MAP, metadata: { name }, data: { value: web.spec.value } });
    took.push(performance.now() - began);
  });
const abort = new AbortController();
process.on('SIGTERM', () => abort.abort());
process.on('SIGUSR2', report);
console.log('ready');
await manager.start(abort.signal);
report();
await client.close();

/** Tells what was measured since the last time. */
function report() {
  const told = { reconciles: took.length, tookMs: quantiles(took), queueMs: quantiles(waited) };
  writeSync(1, `${JSON.stringify(told)}\n`);
  [took, waited] = [[], []];
}

function quantiles(numbers) {
  numbers.sort((a, b) => a - b);
  return [0.5, 0.99].map((q) => numbers[Math.floor(numbers.length * q)] ?? 0);
}
