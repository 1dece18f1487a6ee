// What the console's tests have in their clusters.

/** A pod of the app that its name begins with, on the node of its number. */
export function pod(namespace, name) {
  const [app, number = '0'] = name.split('-');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app } },
    spec: { nodeName: `node-${Number(number) % 10 || 0}`, containers: [{ name: 'main', image: 'app:1' }] },
  };
}

/** Half of them are of the app web, half of db. */
export async function makePods(client, namespace, count) {
  const names = Array.from({ length: count }, (_, i) => `${i % 2 === 0 ? 'db' : 'web'}-${i}`);
  for (let at = 0; at < count; at += 50)
    await Promise.all(names.slice(at, at + 50).map((name) => client.create(pod(namespace, name))));
}

export function definition(plural, kind) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.e.test` },
    spec: {
      group: 'e.test',
      names: { plural, singular: kind.toLowerCase(), kind },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  };
}

/** A transport to a cluster that can go away, with all that runs, and come back. */
export function breakable(transport) {
  let broken = false;
  let down = new AbortController();
  const send = async (request) => {
    if (broken) throw new Error('connection refused');
    const signal = request.signal ? AbortSignal.any([request.signal, down.signal]) : down.signal;
    return transport.send({ ...request, signal });
  };
  return {
    transport: new Proxy(transport, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)) }),
    breakDown() {
      broken = true;
      down.abort();
    },
    mend() {
      broken = false;
      down = new AbortController();
    },
  };
}
