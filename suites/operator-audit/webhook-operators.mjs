// Small operators that serve webhooks, with a known answer.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { denied, fixedCertificate, hubConverter, WebhookServer } from 'nekube/controller';
import { Shop, sign } from './operators.mjs';

const gvk = { group: 'shop.example', version: 'v1', kind: 'Shop' };

/** A server of webhooks with the certificate that the audit gives. */
function serverOf({ certDir, port }) {
  const pem = (name) => readFileSync(join(certDir, name), 'utf8');
  return new WebhookServer({ certificates: fixedCertificate({ cert: pem('tls.crt'), key: pem('tls.key') }), port });
}

/** Adds a controller that makes a ConfigMap of a shop, with what its spec says of settings. */
const shops = (manager) =>
  manager
    .controller('shop')
    .for(Shop)
    .reconcile(async ({ name }, { object, applyOwned }) => {
      if (object === undefined) return;
      const { data, ...rest } = sign(name, object.spec);
      await applyOwned({ ...rest, data: { ...data, settings: object.spec.settings ?? 'none' } });
    });

export const WITH_WEBHOOKS = {
  /** What a shop does not say, its webhook says; and it refuses large ones. */
  defaulter: (manager, given) => {
    const defaulter = (shop) => void (shop.spec.settings ??= 'of-the-webhook');
    const create = ({ spec }) => (spec.replicas === 9 ? denied('nine are too many') : undefined);
    manager.add(serverOf(given).kind(gvk, { defaulter, validator: { create } }));
    shops(manager);
  },

  /** The same, known by a URL of this machine, as of one that runs outside of the cluster. */
  neighbour: (manager, given) => WITH_WEBHOOKS.defaulter(manager, given),

  /** Half of it is at another host: who judges shops is not known. */
  delegate: (manager) => shops(manager),

  /** Looks like a renderer, and changes the pods of others. */
  injector: (manager, given) => {
    const defaulter = (pod) => void (pod.metadata.labels = { ...pod.metadata.labels, shop: 'near' });
    manager.add(serverOf(given).kind({ group: '', version: 'v1', kind: 'Pod' }, { defaulter }));
    shops(manager);
  },

  /** Its webhook throws dice, and so it does otherwise each time, though its controller is a function of the spec. */
  dicer: (manager, given) => {
    const defaulter = (shop) => void (shop.spec.settings = String(Math.random()).slice(2));
    manager.add(serverOf(given).kind(gvk, { defaulter }));
    shops(manager);
  },

  /** Does not serve what its manifests say. */
  mute: (manager) => shops(manager),

  /** Shops are kept in another version than they are made in. */
  converter: (manager, given) => {
    const renamed =
      (from, to) =>
      ({ metadata, spec: { [from]: value, ...rest } }) => ({
        metadata,
        spec: { ...rest, ...(value !== undefined && { [to]: value }) },
      });
    const v1beta1 = { toHub: renamed('color', 'colour'), fromHub: renamed('colour', 'color') };
    const { group, kind, version: hub } = gvk;
    manager.add(serverOf(given).convert(hubConverter({ group, kind, hub, spokes: { v1beta1 } })));
    shops(manager);
  },
};
