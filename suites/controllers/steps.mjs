// What a step of a scenario does to the cluster; README.md has the list.

const POD = { apiVersion: 'v1', kind: 'Pod' };

/** The kinds that scenarios look at and that have no namespace; a name `$NS-…` is a scenario's own. */
export const CLUSTER_WIDE = [
  'Node',
  'PersistentVolume',
  'StorageClass',
  'CertificateSigningRequest',
  'CustomResourceDefinition',
  'ClusterRole',
  'Namespace',
];

const VERBS = ['create', 'apply', 'patch', 'delete', 'ready', 'status', 'beat', 'silence', 'nodes', 'metrics', 'evict'];

/** The steps of a scenario in its namespace. A step is an object with one of the names of these methods. */
export class Steps {
  #client;
  #metrics;
  #namespace;
  /** What ends the beats of nodes, by their names. */
  #beats = new Map();

  constructor({ client, metrics }, namespace) {
    this.#client = client.with({ fieldManager: 'scenario' });
    this.#metrics = metrics;
    this.#namespace = namespace;
  }

  /** @throws Error for a step that there is not */
  async take(step) {
    const own = JSON.parse(JSON.stringify(step).replaceAll('$NS', this.#namespace));
    for (const [verb, argument] of Object.entries(own)) {
      if (verb === 'restMs' || verb === 'afterMs') continue;
      if (!VERBS.includes(verb)) throw new Error(`There is no step "${verb}"`);
      await this[verb](argument);
    }
  }

  async create(objects) {
    for (const object of [objects].flat()) {
      await this.#client.create(await this.#owned(this.#placed(object)));
    }
  }

  /** Owners whose uids are not said are those that are there, in the namespace or `in` another. */
  async #owned(object) {
    const references = object.metadata.ownerReferences;
    if (references === undefined) return object;
    const uidOf = async ({ apiVersion, kind, name }, namespace) => {
      const key = { ...this.#key(name, kind), ...(namespace && { namespace }) };
      return (await this.#client.get({ apiVersion, kind }, key)).metadata.uid;
    };
    const ownerReferences = await Promise.all(
      references.map(async ({ in: namespace, ...reference }) => ({
        ...reference,
        uid: reference.uid ?? (await uidOf(reference, namespace)),
      })),
    );
    return { ...object, metadata: { ...object.metadata, ownerReferences } };
  }

  /** Nodes that are ready: the server taints those that are new. */
  async nodes(nodes) {
    for (const node of nodes) {
      const made = await this.#client.create({ apiVersion: 'v1', kind: 'Node', ...node });
      const taints = node.spec?.taints ?? null;
      await this.#client.patch(kindOf('v1/Node'), { name: made.metadata.name }, { merge: { spec: { taints } } });
    }
  }

  async apply(objects) {
    for (const object of [objects].flat()) await this.#client.apply(this.#placed(object));
  }

  /** What the metrics are from now on. */
  metrics(metrics) {
    this.#metrics.set(this.#namespace, metrics);
  }

  async patch({ kind, name, selector, count, subresource, ...patch }) {
    for (const key of await this.#chosen({ kind, name, selector, count })) {
      await this.#client.patch(kindOf(kind), key, patch, { subresource });
    }
  }

  async delete({ kind, name, selector, count, ...options }) {
    for (const key of await this.#chosen({ kind, name, selector, count })) {
      await this.#client.delete(kindOf(kind), key, options);
    }
  }

  /** Asks for the eviction of pods, one after the other; a budget may refuse it, which is no error of the scenario. */
  async evict({ name, selector, count, ...deleteOptions }) {
    for (const { namespace, name: own } of await this.#chosen({ kind: 'v1/Pod', name, selector, count })) {
      const path = `/api/v1/namespaces/${namespace}/pods/${own}/eviction`;
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: own }, deleteOptions };
      const headers = { 'content-type': 'application/json' };
      const request = { method: 'POST', path, headers, body: JSON.stringify(eviction) };
      const answer = await this.#client.transport.send(request);
      for await (const _ of answer.body);
      if (![201, 429, 500].includes(answer.status)) throw new Error(`The eviction of ${own} was ${answer.status}`);
    }
  }

  async ready({ selector, count }) {
    const pods = await this.#list(POD, selector);
    const waiting = pods.filter(({ status }) => !status?.conditions?.some(isReady));
    const conditions = [
      { type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString().slice(0, 19) + 'Z' },
    ];
    for (const { metadata } of waiting.slice(0, count)) {
      await this.#setStatus(POD, metadata.name, { phase: 'Running', conditions });
    }
  }

  async status({ kind, name, selector, count, status }) {
    const now = new Date().toISOString().slice(0, 19) + 'Z';
    const value = JSON.parse(JSON.stringify(status).replaceAll('"NOW"', JSON.stringify(now)));
    for (const key of await this.#chosen({ kind, name, selector, count })) {
      await this.#setStatus(kindOf(kind), key.name, value);
    }
  }

  /** A node that lives: it renews its lease all the time, until it is silenced. */
  async beat({ node, everyMs = 300 }) {
    const kind = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
    const key = { namespace: 'kube-node-lease', name: node };
    const spec = () => ({
      holderIdentity: node,
      leaseDurationSeconds: 40,
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    });
    await this.#client.create({ ...kind, metadata: key, spec: spec() }).catch(() => {});
    await this.#client.patch(kind, key, { merge: { spec: spec() } });
    let isBusy = false;
    const timer = setInterval(() => {
      if (isBusy) return;
      isBusy = true;
      const done = () => (isBusy = false);
      this.#client.patch(kind, key, { merge: { spec: spec() } }).then(done, done);
    }, everyMs);
    this.#beats.set(node, timer);
  }

  silence({ node }) {
    clearInterval(this.#beats.get(node));
  }

  /** Ends what goes on. */
  end() {
    for (const timer of this.#beats.values()) clearInterval(timer);
  }

  async #chosen({ kind, name, selector, count }) {
    if (name !== undefined) return [this.#key(name, kind)];
    const found = await this.#list(kindOf(kind), selector);
    return found.slice(0, count).map(({ metadata }) => this.#key(metadata.name, kind));
  }

  /** The oldest first. */
  async #list(kind, labelSelector) {
    const { items } = await this.#client.list(kind, { namespace: this.#namespace, labelSelector });
    const key = ({ metadata }) => `${metadata.creationTimestamp} ${metadata.name}`;
    return items.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  #setStatus(kind, name, status) {
    return this.#client.patch(kind, this.#key(name, kind.kind), { merge: { status } }, { subresource: 'status' });
  }

  /** @param kind `v1/Pod` or `Pod` */
  #key(name, kind) {
    return isClusterWide(kind) ? { name } : { namespace: this.#namespace, name };
  }

  #placed(object) {
    if (isClusterWide(object.kind)) return object;
    return { ...object, metadata: { namespace: this.#namespace, ...object.metadata } };
  }
}

function isClusterWide(kind) {
  return CLUSTER_WIDE.includes(kind.split('/').at(-1));
}

function isReady({ type, status }) {
  return type === 'Ready' && status === 'True';
}

/** `apps/v1/Deployment`, `v1/Pod` */
export function kindOf(text) {
  const at = text.lastIndexOf('/');
  return { apiVersion: text.slice(0, at), kind: text.slice(at + 1) };
}
