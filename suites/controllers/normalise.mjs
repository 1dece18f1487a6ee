// Makes what a cluster has comparable with what another had: all that varies from time to time is replaced.
import { X509Certificate } from 'node:crypto';

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d)/g;
/** What ends the name of a Job that a CronJob made: minutes since 1970. */
const MINUTES = /-\d{8}$/;
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
/** What the server puts behind a name that it generates. */
const ENDING = '[bcdfghjklmnpqrstvwxz2456789]{5}(?![a-z0-9-])';
const GENERATED = new RegExp(`${ENDING}$`);
const DROPPED = ['resourceVersion', 'creationTimestamp', 'uid', 'managedFields'];

/** Learns what varies from all objects that are shown to it, and replaces it. */
export class Normaliser {
  #names = new Map();
  #uids = new Map();
  #generated = new Set();
  #race;

  /** @param race What is as good as something else, where that depends on who comes by first: patterns and texts */
  constructor(namespace, race) {
    this.#names.set(namespace, 'NAMESPACE');
    this.#race = race && Object.entries(race).map(([from, to]) => [new RegExp(from, 'g'), to]);
  }

  /** Remembers what of an object varies. */
  learn({ kind, metadata: { name, generateName, uid, ownerReferences = [] } }) {
    this.#generated.add(generateName ?? `${name}-`);
    // pods of a StatefulSet have names of their own beside it
    const isGenerated = generateName?.startsWith(name.slice(0, -5)) && GENERATED.test(name);
    if (isGenerated) this.#names.set(name, `${name.slice(0, -5)}*`);
    if (ownerReferences.some((owner) => owner.kind === 'CronJob'))
      this.#names.set(name, name.replace(MINUTES, '-MINUTES'));
    if (uid) this.#uids.set(uid, `uid of ${kind} ${this.#names.get(name) ?? name}`);
  }

  /** A text without what varies. */
  text(text) {
    let result = text.replace(TIME, (_, zone) => (zone === 'Z' ? 'TIME' : `TIME${zone}`));
    for (const [from, to] of [...this.#uids, ...this.#names]) result = result.replaceAll(from, to);
    // of objects that are not looked at
    result = result.replace(UUID, 'UID');
    // of objects that were refused nobody knows but who was told so
    const ends = (known) => new RegExp(`\\b${known}${ENDING}`, 'g');
    for (const known of this.#generated) result = result.replace(ends(known), `${known}*`);
    return result;
  }

  /** The name by which an object is known, which others may have as well. */
  nameOf({ kind, metadata }) {
    return `${kind} ${this.text(metadata.name)}`;
  }

  /** An object without what varies; who manages which of its fields, in the order of names. */
  object(object) {
    const shown = object.kind === 'CertificateSigningRequest' ? readable(object) : inOneOrder(withoutAddress(object));
    const { metadata, ...rest } = shown;
    const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !DROPPED.includes(key)));
    const managed = (metadata.managedFields ?? []).map(({ manager, operation, subresource = '', fieldsV1 }) => [
      [manager, operation, subresource].join(' ').trim(),
      // in an order that does not depend on what varies
      JSON.stringify(sorted(JSON.parse(this.text(JSON.stringify(fieldsV1))))),
    ]);
    const whole = JSON.stringify(sorted({ ...rest, metadata: kept, managed: managed.sort() }));
    // references to objects say which version it was
    const text = this.text(whole.replace(/"resourceVersion":"\d+"/g, '"resourceVersion":"VERSION"'));
    return this.#raced(JSON.parse(text));
  }

  #raced(object) {
    if (!this.#race) return object;
    object.status?.conditions?.sort((a, b) => (a.type < b.type ? -1 : 1));
    const text = this.#race.reduce((result, [from, to]) => result.replace(from, to), JSON.stringify(object));
    return JSON.parse(text);
  }
}

/** A request for a certificate, and what stands in the certificate; without how its user proved who it is. */
function readable({ spec: { extra: _, uid: __, ...spec }, status, ...rest }) {
  if (!status?.certificate) return { ...rest, spec, status };
  const found = new X509Certificate(Buffer.from(status.certificate, 'base64'));
  const lifetimeS = (Date.parse(found.validTo) - Date.parse(found.validFrom)) / 1000;
  const { subject, subjectAltName = '', ca, keyUsage = [] } = found;
  return { ...rest, spec, status: { ...status, certificate: { subject, subjectAltName, ca, keyUsage, lifetimeS } } };
}

/** Which address a service is given is left to chance. */
function withoutAddress(object) {
  if (object.kind !== 'Service' || (object.spec.clusterIP ?? 'None') === 'None') return object;
  const clusterIPs = object.spec.clusterIPs?.map(() => 'IP');
  return { ...object, spec: { ...object.spec, clusterIP: 'IP', clusterIPs } };
}

/** Endpoints have no order; the real ones are in that of a map of Go. */
function inOneOrder(object) {
  const { endpoints, subsets } = object;
  const byText = (a, b) => (JSON.stringify(sorted(a)) < JSON.stringify(sorted(b)) ? -1 : 1);
  return {
    ...object,
    ...(endpoints && { endpoints: [...endpoints].sort(byText) }),
    ...(subsets && { subsets: [...subsets].sort(byText) }),
  };
}

/** The same value with the fields of objects in the order of their names. */
export function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
