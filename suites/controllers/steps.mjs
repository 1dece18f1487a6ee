// What a step of a scenario does to the cluster; README.md has the list.

const POD = { apiVersion: 'v1', kind: 'Pod' };

/** The steps of a scenario in its namespace. A step is an object with one of the names of these methods. */
export class Steps {
  #client;
  #namespace;

  constructor(client, namespace) {
    this.#client = client.with({ fieldManager: 'scenario' });
    this.#namespace = namespace;
  }

  /** @throws Error for a step that there is not */
  async take(step) {
    for (const [verb, argument] of Object.entries(step)) {
      if (verb === 'restMs') continue;
      if (!['create', 'patch', 'delete', 'ready', 'status'].includes(verb))
        throw new Error(`There is no step "${verb}"`);
      await this[verb](argument);
    }
  }

  async create(objects) {
    for (const object of [objects].flat()) {
      await this.#client.create({ ...object, metadata: { ...object.metadata, namespace: this.#namespace } });
    }
  }

  async patch({ kind, name, subresource, ...patch }) {
    await this.#client.patch(kindOf(kind), this.#key(name), patch, { subresource });
  }

  async delete({ kind, name, selector, count, ...options }) {
    for (const key of await this.#chosen({ kind, name, selector, count })) {
      await this.#client.delete(kindOf(kind), key, options);
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

  async #chosen({ kind, name, selector, count }) {
    if (name !== undefined) return [this.#key(name)];
    const found = await this.#list(kindOf(kind), selector);
    return found.slice(0, count).map(({ metadata }) => this.#key(metadata.name));
  }

  /** The oldest first. */
  async #list(kind, labelSelector) {
    const { items } = await this.#client.list(kind, { namespace: this.#namespace, labelSelector });
    const key = ({ metadata }) => `${metadata.creationTimestamp} ${metadata.name}`;
    return items.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  #setStatus(kind, name, status) {
    return this.#client.patch(kind, this.#key(name), { merge: { status } }, { subresource: 'status' });
  }

  #key(name) {
    return { namespace: this.#namespace, name };
  }
}

function isReady({ type, status }) {
  return type === 'Ready' && status === 'True';
}

/** `apps/v1/Deployment`, `v1/Pod` */
export function kindOf(text) {
  const at = text.lastIndexOf('/');
  return { apiVersion: text.slice(0, at), kind: text.slice(at + 1) };
}
