// Translates resources of a file with nekube, again and again, and says how long it took: the same as main.go does with Envoy
// Gateway. A process of its own, so that neither has memory of the other. Each run begins with nothing; the changes go on from
// the last one.
import { readFileSync } from 'node:fs';
import { KNOWN_FEATURES, ResourceBuilder, ResourceSet, snapshotOf, Translator } from 'nekube/gateway';
import { LayeredMap } from '../../dist/gateway/model/layered-map.js';
import { loadAssignment } from '../../dist/gateway/envoy/resources/upstream/load-assignment.js';
import { endpointSlice, httpRoute } from './resources.mjs';

const [file, runs, changes] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4] ?? 0)];
const MACHINE = { anyAddress: '::', systemCa: '/etc/ssl/certs/ca-certificates.crt' };

const { gatewayClass, ...lists } = JSON.parse(readFileSync(file, 'utf8'));
const objects = [gatewayClass, ...Object.values(lists).flat()];
const first = snapshotOf(objects, { supportedFeatures: KNOWN_FEATURES });

/** A translation that goes on: from resources to what an Envoy is told. */
class Pipeline {
  #translator = new Translator();
  #builder = new ResourceBuilder(MACHINE);
  #set = new ResourceSet();
  #model;

  run(snapshot) {
    return this.encode(this.messages(snapshot));
  }

  /** Without their bytes. */
  messages(snapshot) {
    this.#model = this.#translator.translate(snapshot).model;
    return this.#builder.build(this.#model);
  }

  /** As the controller does where nothing but endpoints is new. */
  endpoints(snapshot) {
    const before = this.#model.endpoints;
    this.#model = this.#translator.translate(snapshot).model;
    const changed = [...this.#model.endpoints.values()].filter((one) => before.get(one.name) !== one);
    return this.#set.replaceEndpoints(changed.map(loadAssignment));
  }

  encode(messages) {
    return this.#set.replace(messages);
  }
}

// to messages, which is what Envoy Gateway's translator ends with, and to what an Envoy is sent, of which its cache makes bytes and versions
const [ms, servedMs] = [[], []];
let pipeline;
let told;
for (let i = 0; i < runs; i++) {
  pipeline = new Pipeline();
  const began = performance.now();
  const messages = pipeline.messages(first);
  ms.push(performance.now() - began);
  told = pipeline.encode(messages);
  servedMs.push(performance.now() - began);
}

const count = first.httpRoutes.size;
let snapshot = first;
const routes = measure('run', (i) => {
  const route = httpRoute((i * 37) % count, i + 2);
  const httpRoutes = LayeredMap.changed(snapshot.httpRoutes, new Map([[`default/${route.metadata.name}`, route]]));
  return { ...snapshot, httpRoutes };
});
const endpoints = measure('endpoints', (i) => {
  const slice = endpointSlice((i * 41) % count, [1, 2, 3, 4 + (i % 200)]);
  const changed = new Map([[`default/${slice.metadata.name}`, slice]]);
  const endpointSlices = LayeredMap.changed(snapshot.endpointSlices, changed);
  return { ...snapshot, endpointSlices };
});
globalThis.gc?.();
const heapMiB = process.memoryUsage().heapUsed / 2 ** 20;
console.log(JSON.stringify({ ms, servedMs, resources: told.all().length, heapMiB, routes, endpoints }));

/** Makes one change after another, and says how long each took and how many resources it sent. */
function measure(how, change) {
  const found = { ms: [], sent: [] };
  for (let i = 0; i < changes; i++) {
    // as the controller does with what informers tell
    snapshot = change(i);
    const began = performance.now();
    const next = pipeline[how](snapshot);
    found.ms.push(performance.now() - began);
    found.sent.push(differing(told, next));
    told = next;
  }
  return found;
}

function differing(before, after) {
  const types = ['Cluster', 'ClusterLoadAssignment', 'Listener', 'RouteConfiguration'];
  const urls = {
    Cluster: 'envoy.config.cluster.v3.Cluster',
    ClusterLoadAssignment: 'envoy.config.endpoint.v3.ClusterLoadAssignment',
    Listener: 'envoy.config.listener.v3.Listener',
    RouteConfiguration: 'envoy.config.route.v3.RouteConfiguration',
  };
  return types.reduce((sum, type) => sum + after.changedNames(`type.googleapis.com/${urls[type]}`, before).length, 0);
}
