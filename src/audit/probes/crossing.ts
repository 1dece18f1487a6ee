import { isJsonObject, type JsonObject, type JsonValue, type KubeObject, stringifyJson } from 'nekube/apimachinery';
import { shownRef } from '../observe/operator-write.ts';
import { isRefused, tryMany } from './batch.ts';
import { type Probe, type ProbeContext } from './probe.ts';
import { KEYS } from './reference-object.ts';
import { leavesOf, pointerOf, type SpecLeaf, withLeaf } from './spec-variants.ts';
import { ELSEWHERE, withWords } from '../observe/words.ts';
import { type Trial } from './subject.ts';

/** What stands in the objects that a resource has no right to: where it turns up, it was read. */
const MARK = 'audit-of-another-namespace';
/** How an object is called there, where the sample names none. */
const SHARED = 'audit-shared';
const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/**
 * A resource names what is in another namespace, where who may write the resource may have no rights: does the operator read that, write
 * into it, or tell what stands there?
 */
export const crossing: Probe = async (context) => {
  const { session, subject, base } = context;
  const spec = isJsonObject(subject.sample.spec) ? subject.sample.spec : {};
  const leaves = leavesOf(spec, subject.schema);
  const other = await session.env.namespace(ELSEWHERE);
  const specs = [...withNamespace(spec, leaves, other), ...withSlash(context, spec, leaves, other)];
  if (specs.length === 0) return [];
  const texts = leaves.map(({ value }) => value).filter((value) => typeof value === 'string');
  const names = new Set([SHARED, ...base.reads.map(({ name }) => name), ...texts].filter((name) => NAME.test(name)));
  await session.during(async (client) => {
    for (const name of names)
      for (const object of marked(other, name)) await client.create(object).catch(() => undefined);
  });
  const evidence: string[] = [];
  const trials = await tryMany(
    session,
    subject,
    specs.map(({ spec: one }) => one),
    () => true,
  );
  trials.forEach((trial, i) => {
    if (isRefused(trial)) return;
    evidence.push(...crossedIn(trial, other).map((line) => `spec${specs[i]!.path} names another namespace: ${line}`));
  });
  const probe = 'a resource that names another namespace';
  return evidence.length === 0 ? [] : [{ aspect: 'crosses-namespaces', probe, evidence: [...new Set(evidence)] }];
};

interface Crossing {
  readonly path: string;
  readonly spec: JsonObject;
}

/** Fields that are called as a namespace is, with a name beside them. */
function withNamespace(spec: JsonObject, leaves: readonly SpecLeaf[], other: string): Crossing[] {
  const isText = ({ value, schema }: SpecLeaf): boolean => typeof value === 'string' || schema?.type === 'string';
  const places = leaves.filter((leaf) => isText(leaf) && /namespace$/i.test(String(leaf.path.at(-1))));
  return places.map(({ path }) => {
    const beside = leaves.find((leaf) => isNameBeside(leaf, path) && leaf.value === undefined);
    const named = beside === undefined ? spec : withLeaf(spec, beside.path, SHARED);
    return { path: pointerOf(path), spec: withLeaf(named, path, other) as JsonObject };
  });
}

function isNameBeside({ path }: SpecLeaf, namespace: SpecLeaf['path']): boolean {
  return (
    path.length === namespace.length &&
    path.slice(0, -1).every((part, i) => part === namespace[i]) &&
    path.at(-1) === 'name'
  );
}

/** Names that it reads by, as `NAMESPACE/NAME`. */
function withSlash({ base }: ProbeContext, spec: JsonObject, leaves: readonly SpecLeaf[], other: string): Crossing[] {
  const read = new Set(base.reads.filter(({ verb }) => verb === 'get').map(({ name }) => name));
  const places = leaves.filter(({ value }) => typeof value === 'string' && read.has(value));
  return places.map(({ path, value }) => ({
    path: pointerOf(path),
    spec: withLeaf(spec, path, `${other}/${value as string}`) as JsonObject,
  }));
}

function marked(namespace: string, name: string): KubeObject[] {
  const data = Object.fromEntries(KEYS.map((key) => [key, MARK]));
  const metadata = { namespace, name };
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData: data },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data },
  ];
}

function crossedIn({ interval, outcome, name, namespace }: Trial, other: string): string[] {
  const isThere = (one: { readonly namespace: string }): boolean => one.namespace === other;
  const shown = (text: string): string =>
    text.replaceAll(other, 'OTHER').replaceAll(namespace, '‹namespace›').replaceAll(name, '‹name›');
  const reads = interval.reads.filter(isThere).map((one) => `it reads ${shown(shownRef(one))}`);
  const writes = interval.writes.filter(isThere).map((one) => `it writes ${shown(shownRef(one))}`);
  const marks = [MARK, Buffer.from(MARK).toString('base64')];
  const told = [...outcome.values()]
    .filter(({ content }) => content !== undefined && marks.some((mark) => textOf(content).includes(mark)))
    .map(({ ref }) => `what stands there is in ${withWords(shownRef(ref))}`);
  return [...new Set([...reads, ...writes, ...told])];
}

function textOf(value: JsonValue): string {
  return stringifyJson(value);
}
