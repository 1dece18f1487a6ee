// One watch of a behaviour: its events in the order in which they came.

/** Bookmarks come when the server likes; only those count that end the initial events. */
function counts({ type, object }) {
  return type !== 'BOOKMARK' || object.metadata.annotations?.['k8s.io/initial-events-end'] !== undefined;
}

export class Watched {
  #events = [];
  #wake = () => {};
  #abort = new AbortController();
  #ended;

  constructor(client, kind, options) {
    const { namespace, resourceVersion, ...said } = options;
    this.name = `${kind.kind} ${JSON.stringify(said)}`;
    this.#ended = this.#read(client.watch(kind, { ...options, signal: this.#abort.signal }));
  }

  /** The next so many events; if it ends before, how it ended is the last one. */
  async take(count) {
    while (this.#events.length < count && this.#events.at(-1)?.type !== 'END')
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    return this.#events.splice(0, count);
  }

  async stop() {
    this.#abort.abort();
    await this.#ended;
  }

  async #read(events) {
    let end = {};
    try {
      for await (const event of events) if (counts(event)) this.#push(event);
    } catch (error) {
      end = error.status ?? { message: error.message };
    }
    this.#push({ type: 'END', object: end });
  }

  #push(event) {
    this.#events.push(event);
    this.#wake();
  }
}
