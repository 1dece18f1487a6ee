// Small operators with a known answer: what each of them is worth is clear from its code.
import { connect } from 'nekube/client';
import { Manager } from 'nekube/controller';

export const Shop = { apiVersion: 'shop.example/v1', kind: 'Shop' };
const ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap' };
const Secret = { apiVersion: 'v1', kind: 'Secret' };
export const Deployment = { apiVersion: 'apps/v1', kind: 'Deployment' };

export const sign = (name, { colour, replicas }) => ({
  ...ConfigMap,
  metadata: { name },
  data: { colour: colour ?? 'none', size: String(replicas ?? 1) },
});

const found = async (client, kind, key) => client.get(kind, key).catch(() => undefined);

export function workload(name, spec) {
  const labels = { shop: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'shop', image: 'shop:1' }] } };
  return {
    ...Deployment,
    metadata: { name },
    spec: { replicas: spec.replicas ?? 1, selector: { matchLabels: labels }, template },
  };
}

/** Adds a controller that makes of a Shop what `work` says. */
const shopController = (manager, work, owned = []) => {
  let controller = manager.controller('shop').for(Shop);
  for (const kind of owned) controller = controller.owns(kind);
  controller.reconcile(async (key, context) => (context.object === undefined ? undefined : work(key, context)));
};

/** What no audit can say much of: they are not among those with an answer. */
export const BROKEN = {
  /** Never rests. */
  flooder: (manager) =>
    shopController(manager, async ({ name }, { object, applyOwned }) => {
      for (let i = 0; ; i++) await applyOwned({ ...sign(name, object.spec), data: { i: String(i) } });
    }),

  /** Works on what there is not. */
  stranger: (manager) =>
    manager
      .controller('nothing')
      .for({ apiVersion: 'nothing.example/v1', kind: 'Nothing' })
      .reconcile(async () => {}),

  /** Ends while it works. */
  crasher: (manager) =>
    shopController(manager, async () => {
      console.error('out of shops');
      process.exit(3);
    }),
};

export const OPERATORS = {
  /** A function of the spec. */
  renderer: (manager) =>
    shopController(manager, async ({ name }, { object, applyOwned }) => {
      await applyOwned(sign(name, object.spec));
    }),

  /** A password that is made once. */
  password: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      await applyOwned(sign(name, object.spec));
      if ((await found(client, Secret, { namespace, name })) !== undefined) return;
      await client.create({
        ...Secret,
        metadata: { namespace, name },
        stringData: { password: String(Math.random()) },
      });
    }),

  /** Puts back what was changed. */
  healer: (manager) =>
    shopController(
      manager,
      async ({ name }, { object, applyOwned }) => {
        await applyOwned(sign(name, object.spec));
        await applyOwned(workload(name, object.spec));
      },
      [ConfigMap, Deployment],
    ),

  /** Copies what another object says. */
  reader: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      const settings = await found(client, ConfigMap, { namespace, name: object.spec.settings ?? 'settings' });
      await applyOwned({ ...sign(name, object.spec), data: { copied: settings?.data?.audit ?? 'nothing' } });
    }),

  /** The second comes when the first one is ready. */
  upgrader: (manager) =>
    shopController(
      manager,
      async ({ name }, { object, applyOwned }) => {
        const first = await applyOwned(workload(`${name}-first`, object.spec));
        if ((first.status?.readyReplicas ?? 0) < (object.spec.replicas ?? 1)) return;
        await applyOwned(workload(`${name}-second`, object.spec));
      },
      [Deployment],
    ),

  /** What it writes, somebody outside says. */
  caller: (manager, { ask }) =>
    shopController(manager, async ({ name }, { object, applyOwned }) => {
      await applyOwned({ ...sign(name, object.spec), data: { quote: await ask() } });
    }),

  /** Looks like a function of the spec, and reads a Secret for one colour only. */
  secretive: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      const isGold = object.spec.colour === 'gold';
      const key = isGold ? await found(client, Secret, { namespace, name: 'vault' }) : undefined;
      await applyOwned({ ...sign(name, object.spec), data: { gold: String(isGold), key: key?.data?.key ?? '' } });
    }),

  /** Looks like a function of the spec for ten minutes. */
  later: (manager) =>
    shopController(manager, async ({ name }, { object, applyOwned }) => {
      const ageMs = manager.clock.now() - Date.parse(object.metadata.creationTimestamp);
      const isOld = ageMs > 600_000;
      await applyOwned({ ...sign(name, object.spec), data: { old: String(isOld) } });
      return isOld ? undefined : { requeueAfterMs: 600_000 - ageMs + 1 };
    }),

  /** What a shop once was stays. */
  historian: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      const colours = (await found(client, ConfigMap, { namespace, name }))?.data?.colours ?? '';
      const { colour = 'none' } = object.spec;
      const all = colours.split(' ').includes(colour) ? colours : `${colours} ${colour}`.trim();
      await applyOwned({ ...ConfigMap, metadata: { name }, data: { colours: all } });
    }),

  /** Writes into a namespace that is not the shop's. */
  wanderer: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client }) => {
      const { data } = sign(name, object.spec);
      await client.apply({ ...ConfigMap, metadata: { namespace: 'default', name: `${namespace}.${name}` }, data });
    }),
};

const Pod = { apiVersion: 'v1', kind: 'Pod' };
const Node = { apiVersion: 'v1', kind: 'Node' };
export const Mall = { apiVersion: 'shop.example/v1', kind: 'Mall' };
export const Estate = { apiVersion: 'shop.example/v1', kind: 'Estate' };

/** Made to deceive: each looks like a renderer unless it is asked in the right way. */
export const DECOYS = {
  /** Keeps something of what is deleted. */
  keeper: (manager) =>
    manager
      .controller('shop')
      .for(Shop)
      .reconcile(async ({ namespace, name }, { object, client, applyOwned }) => {
        if (object !== undefined) return void (await applyOwned(sign(name, object.spec)));
        const kept = { ...ConfigMap, metadata: { namespace, name: `${name}-kept` }, data: { gone: 'true' } };
        await client.apply(kept, { fieldManager: 'shop' });
      }),

  /** Reads a Secret at one value of an integer. */
  seventh: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      const key = object.spec.replicas === 7 ? await found(client, Secret, { namespace, name: 'vault' }) : undefined;
      await applyOwned({ ...sign(name, object.spec), data: { key: key?.data?.key ?? 'none' } });
    }),

  /** Reads a Secret for two values together. */
  both: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      const { colour, replicas } = object.spec;
      const isBoth = colour === 'green' && replicas === 0;
      const key = isBoth ? await found(client, Secret, { namespace, name: 'vault' }) : undefined;
      await applyOwned({ ...sign(name, object.spec), data: { key: key?.data?.key ?? 'none' } });
    }),

  /** Numbers its shops, in a ConfigMap that it keeps for itself. */
  counter: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      const known = await found(client, ConfigMap, { namespace, name });
      const own = { namespace: 'default', name: 'counter' };
      const next = Number((await found(client, ConfigMap, own))?.data?.next ?? 1);
      const number = known?.data?.number ?? String(next);
      if (known === undefined)
        await client.apply({ ...ConfigMap, metadata: own, data: { next: String(next + 1) } }, { fieldManager: 'shop' });
      await applyOwned({ ...sign(name, object.spec), data: { number } });
    }),

  /** The first shop is another than those that come later. */
  firstborn: (manager) =>
    shopController(manager, async ({ name }, { object, client, applyOwned }) => {
      const { items } = await client.list(Shop);
      const isFirst = items.every(({ metadata }) => metadata.name >= name);
      await applyOwned({ ...sign(name, object.spec), data: { first: String(isFirst) } });
    }),

  /** Tells how many nodes there are. */
  census: (manager) =>
    shopController(manager, async ({ name }, { object, client, applyOwned }) => {
      const { items } = await client.list(Node);
      await applyOwned({ ...sign(name, object.spec), data: { nodes: String(items.length) } });
    }),

  /** Is another after it was started twice. */
  waker: (manager) => {
    let isAwake;
    shopController(manager, async ({ name }, { object, client, applyOwned }) => {
      const own = { namespace: 'default', name: 'waker' };
      if (isAwake === undefined) {
        isAwake = (await found(client, ConfigMap, own)) !== undefined;
        await client.apply({ ...ConfigMap, metadata: own, data: {} }, { fieldManager: 'shop' });
      }
      await applyOwned({ ...sign(name, object.spec), data: { awake: String(isAwake) } });
    });
  },

  /** Does otherwise at the third change. */
  third: (manager) =>
    shopController(manager, async ({ name }, { object, applyOwned }) => {
      const isLate = object.metadata.generation > 3;
      await applyOwned({ ...sign(name, object.spec), data: { late: String(isLate) } });
    }),

  /** Makes something of a pod of its Deployment that crashes. */
  nurse: (manager) => {
    shopController(manager, async ({ name }, { object, applyOwned }) => {
      await applyOwned(workload(name, object.spec));
    });
    manager
      .controller('nurse')
      .for(Pod)
      .reconcile(async ({ namespace }, { object, client }) => {
        const shop = object?.metadata.labels?.shop;
        const restarts = object?.status?.containerStatuses?.[0]?.restartCount ?? 0;
        if (shop === undefined || restarts < 3) return;
        const incident = {
          ...ConfigMap,
          metadata: { namespace, name: `${shop}-incident` },
          data: { restarts: 'many' },
        };
        await client.apply(incident, { fieldManager: 'nurse' });
      });
  },

  /** Of an old shop it makes something else, and waits for nothing. */
  ager: (manager) =>
    shopController(manager, async ({ name }, { object, applyOwned }) => {
      const isOld = manager.clock.now() - Date.parse(object.metadata.creationTimestamp) > 3_600_000;
      await applyOwned({ ...sign(name, object.spec), data: { old: String(isOld) } });
    }),

  /** Reads in whichever namespace the shop says. */
  trespasser: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      const [place, of] = (object.spec.settings ?? 'settings').split('/');
      const key = of === undefined ? { namespace, name: place } : { namespace: place, name: of };
      const settings = await found(client, ConfigMap, key);
      await applyOwned({ ...sign(name, object.spec), data: { copied: settings?.data?.audit ?? 'nothing' } });
    }),

  /** Of what comes after ten minutes of its own it makes something else. */
  tired: (manager) => {
    const began = manager.clock.now();
    shopController(manager, async ({ name }, { object, applyOwned }) => {
      const isTired = manager.clock.now() - began > 600_000;
      await applyOwned({ ...sign(name, object.spec), data: { tired: String(isTired) } });
    });
  },

  /** The first of a namespace is another than the next. */
  elder: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      const { items } = await client.list(Shop, { namespace });
      const isFirst = items.every(({ metadata }) => metadata.name >= name);
      await applyOwned({ ...sign(name, object.spec), data: { first: String(isFirst) } });
    }),

  /** Makes something of a Job that fails. */
  retrier: (manager) =>
    shopController(
      manager,
      async ({ name }, { object, applyOwned }) => {
        const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'shop', image: 'shop:1' }] } };
        const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template } };
        const { status } = await applyOwned(job);
        if (status?.failed > 0) await applyOwned(sign(`${name}-retry`, object.spec));
      },
      [{ apiVersion: 'batch/v1', kind: 'Job' }],
    ),

  /** Takes its time between two steps. */
  dawdler: (manager) =>
    shopController(manager, async ({ name }, { object, applyOwned, client }) => {
      const isBegun = (await found(client, ConfigMap, { namespace: object.metadata.namespace, name })) !== undefined;
      await applyOwned(sign(name, object.spec));
      if (!isBegun) return { requeueAfterMs: 3000 };
      await applyOwned(sign(`${name}-second`, object.spec));
    }),

  /** Writes the same again and again. */
  repeater: (manager) =>
    shopController(manager, async ({ name }, { object, applyOwned }) => {
      await applyOwned(sign(name, object.spec));
      return { requeueAfterMs: 4000 };
    }),

  /** Is another at night, which begins half a day from now. */
  nightly: (manager) => {
    const dusk = new Date().getUTCHours() + 12;
    shopController(manager, async ({ name }, { object, applyOwned }) => {
      const hour = new Date(manager.clock.now()).getUTCHours();
      await applyOwned({ ...sign(name, object.spec), data: { night: String((hour - dusk + 48) % 24 < 10) } });
    });
  },

  /** Is another on one day of the week, which is not today. */
  weekly: (manager) => {
    const days = 24 * 3_600_000;
    const today = Math.floor(Date.now() / days);
    shopController(manager, async ({ name }, { object, applyOwned }) => {
      const isDay = (Math.floor(manager.clock.now() / days) - today) % 7 === 4;
      await applyOwned({ ...sign(name, object.spec), data: { closed: String(isDay) } });
    });
  },

  /** Goes by what has a label, which nobody has. */
  collector: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      const { items } = await client.list(ConfigMap, {
        namespace,
        labelSelector: `discount in (shop, all),for=${name}`,
      });
      await applyOwned({ ...sign(name, object.spec), data: { discounts: String(items.length) } });
    }),

  /** Goes by Secrets of one type, in all namespaces. */
  locksmith: (manager) =>
    shopController(manager, async ({ name }, { object, client, applyOwned }) => {
      const { items } = await client.list(Secret, { fieldSelector: 'type=shop.example/key' });
      await applyOwned({ ...sign(name, object.spec), data: { keys: String(items.length) } });
    }),

  /** Goes by a custom resource of another kind that has a name of the spec. */
  tenant: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      const mall = await found(client, Mall, { namespace, name: object.spec.settings ?? 'settings' });
      await applyOwned({ ...sign(name, object.spec), data: { floor: String(mall?.spec.floor ?? 'none') } });
    }),

  /** Works on another kind as well. */
  landlord: (manager) => {
    shopController(
      manager,
      async ({ name }, { object, applyOwned }) => void (await applyOwned(sign(name, object.spec))),
    );
    manager
      .controller('mall')
      .for(Mall)
      .reconcile(async ({ name }, { object, applyOwned }) => {
        if (object !== undefined) await applyOwned(sign(`${name}-mall`, { colour: String(object.spec?.floor) }));
      });
  },

  /** Tells for ever how it is, in other words of the same. */
  babbler: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      await applyOwned(sign(name, object.spec));
      const condition = { type: 'Ready', status: 'False', lastTransitionTime: new Date().toISOString() };
      const status = { conditions: [{ ...condition, message: `tried at ${performance.now()}` }] };
      const told = { ...Shop, metadata: { namespace, name }, status };
      await client.apply(told, { fieldManager: 'shop', subresource: 'status' }).catch(() => {});
      return { requeueAfterMs: 60 };
    }),

  /** Long names are cut: still a function of the resource. */
  cutter: (manager) =>
    shopController(manager, async ({ name }, { object, applyOwned }) => {
      await applyOwned({ ...sign(name, object.spec), data: { short: name.slice(0, 20) } });
    }),

  /** What it made once, it leaves. */
  founder: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client }) => {
      if ((await found(client, ConfigMap, { namespace, name })) === undefined)
        await client.create({ ...sign(name, object.spec), metadata: { namespace, name } });
    }),

  /** Goes on when somebody else says that it may. */
  asker: (manager) =>
    shopController(manager, async ({ name }, { object, applyOwned }) => {
      await applyOwned(sign(name, object.spec));
      const isAllowed = object.status?.conditions?.some(({ type, status }) => type === 'Approved' && status === 'True');
      if (isAllowed) await applyOwned(sign(`${name}-opened`, object.spec));
    }),

  /** Counts what others put into its ConfigMap, in another one. */
  hoarder: (manager) =>
    shopController(
      manager,
      async ({ namespace, name }, { object, client, applyOwned }) => {
        await applyOwned(sign(name, object.spec));
        const { data } = await client.get(ConfigMap, { namespace, name });
        const more = Object.keys(data).length - 2;
        await applyOwned({
          ...ConfigMap,
          metadata: { name: `${name}-more` },
          data: { more: String(Math.max(0, more)) },
        });
      },
      [ConfigMap],
    ),

  /** Counts all that has its label, whoever made it. */
  adopter: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      const { items } = await client.list(ConfigMap, { namespace });
      const near = items.filter(({ metadata }) => metadata.labels?.shop === name && metadata.name !== name);
      const { data } = sign(name, object.spec);
      await applyOwned({
        ...ConfigMap,
        metadata: { name, labels: { shop: name } },
        data: { ...data, near: String(near.length) },
      });
    }),

  /** Reads a ConfigMap for long texts alone. */
  novelist: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      const isLong = (object.spec.settings ?? '').length > 63;
      const preface = isLong ? await found(client, ConfigMap, { namespace, name: 'preface' }) : undefined;
      await applyOwned({ ...sign(name, object.spec), data: { preface: preface?.data?.audit ?? 'none' } });
    }),

  /** Does nothing for shops with an annotation of a usual name: still a function of the resource. */
  sleeper: (manager) =>
    shopController(manager, async ({ name }, { object, applyOwned }) => {
      if (object.metadata.annotations?.['shop.example/paused'] === 'true') return;
      await applyOwned(sign(name, object.spec));
    }),

  /** Makes a key anew when sixty of its ninety days are over: until then it looks like one that is made once. */
  renewer: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      const day = 24 * 3_600_000;
      const now = manager.clock.now();
      const live = await found(client, Secret, { namespace, name });
      const until = Date.parse(live?.metadata.annotations?.until ?? '1970-01-01T00:00:00Z');
      await applyOwned(sign(name, object.spec));
      if (until - now > 30 * day) return { requeueAfterMs: 12 * 3_600_000 };
      const annotations = { until: new Date(now + 90 * day).toISOString() };
      await applyOwned({ ...Secret, metadata: { name, annotations }, stringData: { key: String(Math.random()) } });
      return { requeueAfterMs: 12 * 3_600_000 };
    }),

  /** Writes a label onto the namespace that a shop is in, which somebody else made. */
  labeller: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      await applyOwned(sign(name, object.spec));
      const merge = { metadata: { labels: { shop: 'here' } } };
      await client.patch({ apiVersion: 'v1', kind: 'Namespace' }, { name: namespace }, { merge });
    }),

  /** Deletes what others may have made. */
  sweeper: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      await applyOwned(sign(name, object.spec));
      await client.delete(ConfigMap, { namespace, name: 'forbidden' }).catch(() => {});
    }),

  /** Writes into the spec of a shop what that does not say: who has its values in a chart or in git does not have these. */
  scribe: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      if (object.spec.settings === undefined)
        await client.patch(Shop, { namespace, name }, { merge: { spec: { settings: 'of-the-scribe' } } });
      await applyOwned(sign(name, object.spec));
    }),

  /** The same, but only once somebody has edited the shop. */
  annotator: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      if (object.metadata.generation > 1 && object.spec.settings !== 'of-the-annotator')
        await client.patch(Shop, { namespace, name }, { merge: { spec: { settings: 'of-the-annotator' } } });
      await applyOwned(sign(name, object.spec));
    }),

  /** Sends a shop back whole for its finalizer, as programs in Go do: its spec is as it was. */
  finisher: (manager) =>
    manager
      .controller('shop')
      .for(Shop)
      .reconcile(async ({ name }, { object, client, applyOwned }) => {
        if (object === undefined) return;
        const { deletionTimestamp, finalizers = [] } = object.metadata;
        const has = finalizers.includes('shop.example/last');
        const sent = { ...object, spec: { settings: '', replicas: 0, ...object.spec } };
        const update = (left) => client.update({ ...sent, metadata: { ...object.metadata, finalizers: left } });
        if (deletionTimestamp !== undefined) return void (has && (await update([])));
        if (!has) await update(['shop.example/last']);
        await applyOwned(sign(name, object.spec));
      }),

  /** Makes a namespace, and makes it again when it is gone. */
  settler: (manager) => {
    const place = (name) => `settled-${name}`;
    const kind = { apiVersion: 'v1', kind: 'Namespace' };
    manager
      .controller('shop')
      .for(Shop)
      .watches(kind, ({ metadata: { annotations } }) => (annotations?.shop ? [JSON.parse(annotations.shop)] : []))
      .reconcile(async (key, { object, client, applyOwned }) => {
        if (object === undefined) return;
        await applyOwned(sign(key.name, object.spec));
        if ((await found(client, kind, { name: place(key.name) })) !== undefined) return;
        const metadata = { name: place(key.name), annotations: { shop: JSON.stringify(key) } };
        await client.create({ ...kind, metadata });
      });
  },

  /** Makes nothing until a ConfigMap is there that its spec names. */
  guest: (manager) =>
    shopController(manager, async ({ namespace, name }, { object, client, applyOwned }) => {
      const host = await found(client, ConfigMap, { namespace, name: object.spec.settings ?? 'settings' });
      if (host !== undefined) await applyOwned(sign(name, object.spec));
    }),

  /** Throws dice for long names alone. */
  gambler: (manager) =>
    shopController(manager, async ({ name }, { object, applyOwned }) => {
      const dice = name.length > 45 ? String(Math.random()) : 'none';
      await applyOwned({ ...sign(name, object.spec), data: { dice } });
    }),
};

/** An operator that runs in this process, for `auditOperator`, as a service account without any rights of its own. */
export function operatorOf(name, given = {}, add = { ...OPERATORS, ...DECOYS }[name]) {
  const groups = ['system:serviceaccounts', 'system:serviceaccounts:operators', 'system:authenticated'];
  const user = { name: `system:serviceaccount:operators:${name}`, groups };
  return { user, start: (kubeconfig, serving) => startHere(add, { ...serving, ...given }, kubeconfig) };
}

/** The clock of a machine that may sleep: what was due meanwhile is called once when it wakes up. */
class SleepingClock {
  #sleptMs = 0;
  #waiting = new Set();

  now() {
    return Date.now() + this.#sleptMs;
  }

  elapsed() {
    return performance.now() + this.#sleptMs;
  }

  after(ms, call) {
    const one = { due: this.elapsed() + ms, call };
    this.#waiting.add(one);
    this.#wait(one);
    return () => this.#forget(one);
  }

  async advance(ms) {
    this.#sleptMs += ms;
    const due = [...this.#waiting].sort((a, b) => a.due - b.due);
    for (const one of due) if (this.#waiting.has(one)) this.#wait(one);
  }

  #wait(one) {
    clearTimeout(one.timer);
    const fire = () => {
      this.#forget(one);
      one.call();
    };
    one.timer = setTimeout(fire, Math.min(Math.max(0, one.due - this.elapsed()), 2 ** 31 - 1));
  }

  #forget(one) {
    clearTimeout(one.timer);
    this.#waiting.delete(one);
  }
}

async function startHere(add, given, kubeconfig) {
  const client = await connect({ kubeconfig, env: {} });
  const clock = new SleepingClock();
  const manager = new Manager({ client, clock });
  add(manager, given);
  const ending = new AbortController();
  const running = manager.start(ending.signal);
  return {
    egress: [],
    advance: (ms) => clock.advance(ms),
    async stop() {
      ending.abort();
      await running;
      await client.close();
    },
  };
}
