// A process that serves one route until it is killed: FOLDER PORT BACKEND-PORT.
import { EnvoyDataPlane } from '../../dist/gateway/envoy/index.js';
import { envoy, httpListener, modelOf, route, serve } from './world.mjs';

const [folder, port, backendPort] = process.argv.slice(2);
const lines = [];
const plane = await EnvoyDataPlane.start({
  envoy,
  folder,
  env: process.env,
  log: (line) => lines.push(line),
  concurrency: 2,
  drainSeconds: 2,
});
const routes = [route('/', 'one', { responseHeaders: { set: [{ name: 'x-by', value: 'child' }] } })];
await serve(
  { plane, lines },
  modelOf({ listeners: [httpListener(Number(port), routes)], backends: { one: { ports: [Number(backendPort)] } } }),
);
console.log('ready');
