// Small operators that work on several kinds, with a known answer for each of these.
import { Deployment, Estate, Mall, Shop, sign, workload } from './operators.mjs';

const ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap' };

/** Adds a controller that makes of a resource of a kind what `work` says. */
function controllerOf(manager, kind, work, owned = []) {
  let controller = manager.controller(kind.kind.toLowerCase()).for(kind);
  for (const one of owned) controller = controller.owns(one);
  controller.reconcile(async (key, context) => (context.object === undefined ? undefined : work(key, context)));
}

/** What both kinds look like: a function of the spec. */
const render = async ({ name }, { object: { kind, spec }, applyOwned }) => {
  const { colour, replicas = spec.floor } = spec;
  await applyOwned(sign(`${name}-${kind.toLowerCase()}`, { colour, replicas }));
};

/** What of a mall is more than a chart does: the second storey is built when the first one is ready. */
const build = async ({ name }, { object, applyOwned }) => {
  const replicas = (object.spec.floor ?? 0) + 1;
  const first = await applyOwned(workload(`${name}-first`, { replicas }));
  if ((first.status?.readyReplicas ?? 0) < replicas) return;
  await applyOwned(workload(`${name}-second`, { replicas }));
};

export const WITH_KINDS = {
  /** Shops are rendered; the second storey of a mall is built when the first one is ready. */
  builder: (manager) => {
    controllerOf(manager, Shop, render);
    controllerOf(manager, Mall, build, [Deployment]);
  },

  /** Shops are rendered; a mall has a directory of the shops that are there. */
  porter: (manager) => {
    controllerOf(manager, Shop, render);
    controllerOf(manager, Mall, async ({ namespace, name }, { object, client, applyOwned }) => {
      const { items } = await client.list(Shop, { namespace });
      const colours = items.map(({ spec }) => spec.colour).sort();
      await applyOwned(sign(`${name}-directory`, { colour: colours.join(' '), replicas: object.spec.floor }));
    });
  },

  /** Both look alike, and what stands on the sign of a mall somebody outside says. */
  twins: (manager, { ask }) => {
    controllerOf(manager, Shop, render);
    controllerOf(manager, Mall, async ({ name }, { object, applyOwned }) => {
      await applyOwned(sign(`${name}-mall`, { colour: await ask(), replicas: object.spec.floor }));
    });
  },

  /** Shops are rendered; an estate, which is of the cluster, has a namespace that is called after it, with its deed. */
  landlord: (manager) => {
    controllerOf(manager, Shop, render);
    controllerOf(manager, Estate, async ({ name }, { object, applyOwned }) => {
      const namespace = `estate-${name}`;
      await applyOwned({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      const deed = sign('deed', { colour: object.spec.steward });
      await applyOwned({ ...deed, metadata: { ...deed.metadata, namespace } });
    });
  },

  /** Begins to watch malls at the first shop: until then nothing shows that it does more for these than a chart. */
  latecomer: (manager) => {
    let isBegun = false;
    controllerOf(manager, Shop, async (key, context) => {
      await render(key, context);
      if (isBegun) return;
      isBegun = true;
      controllerOf(manager, Mall, build, [Deployment]);
    });
  },

  /**
   * Both are rendered, a shop as a sign, and a mall as a workload that is called the same in each namespace. Each controller watches both
   * kinds, and both of what is made, and goes by none of that.
   */
  partners: (manager) => {
    const watching = (name, kind) =>
      [Shop, Mall, ConfigMap, Deployment]
        .filter((other) => other !== kind)
        .reduce((controller, other) => controller.watches(other, () => []), manager.controller(name).for(kind));
    watching('shop', Shop).reconcile(async (key, context) => {
      if (context.object !== undefined) await render(key, context);
    });
    watching('mall', Mall).reconcile(async (_, { object, applyOwned }) => {
      if (object !== undefined) await applyOwned(workload('storefront', { replicas: object.spec.floor }));
    });
  },

  /** Does nothing with malls, though it watches them. */
  idler: (manager) => {
    controllerOf(manager, Shop, render);
    controllerOf(manager, Mall, async () => undefined);
  },

  /** Ends at malls. */
  stumbler: (manager) => {
    controllerOf(manager, Shop, render);
    controllerOf(manager, Mall, async () => process.exit(3));
  },
};
