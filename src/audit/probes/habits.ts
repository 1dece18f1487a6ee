import { isResourceRequest, kindName, type ResourceRequest, type TrailRequest } from '../trail/request.ts';
import type { Aspect, Finding } from '../verdict/finding.ts';
import { USUAL_WEBHOOK_PORT } from '../observe/operator-services.ts';
import { withWords } from '../observe/words.ts';
import { isOfSubject, type Subject, type Trial } from './subject.ts';

/** What is known of an operator besides its requests. */
export interface Surroundings {
  readonly subject: Subject;
  readonly base: Trial;
  /** Kinds that it is probed with at another time: it watches these for themselves. */
  readonly alsoProbed: readonly string[];
  /** At which ports it listened. */
  readonly ports: readonly number[];
  /** Configurations of webhooks that its manifests have, and that are not called: `KIND NAME`. */
  readonly webhooks: readonly string[];
  /** What became of webhooks that are called, as sentences. */
  readonly called: readonly string[];
}

const PROBE = 'all that it asked for';
const ADMISSION = 'admissionregistration.k8s.io';

/** What shows in an operator's requests whatever is done: elections, webhooks, watches on what others make, forced applies, flip-flops. */
export function habitsIn(own: readonly TrailRequest[], around: Surroundings): readonly Finding[] {
  const requests = own.filter(isResourceRequest).filter(({ code }) => code < 300);
  const finding = (aspect: Aspect, evidence: readonly string[]): Finding[] =>
    evidence.length === 0 ? [] : [{ aspect, probe: PROBE, evidence: [...new Set(evidence)] }];
  return [
    ...finding('elects-leader', electionsIn(requests)),
    ...finding('serves-webhooks', webhooksIn(requests, around)),
    ...finding('watches-others', watchesIn(requests, around)),
    ...finding('forces', forcedIn(requests)),
    ...finding('flip-flops', flipFlopsIn(requests)),
  ];
}

function electionsIn(requests: readonly ResourceRequest[]): string[] {
  const leases = requests.filter(({ target, verb }) => target.resource === 'leases' && isWrite(verb));
  if (leases.length === 0) return [];
  const hint =
    'a restart waits until the lease is over: --leader-elect=false, where it has that, makes the audit faster';
  return [...leases.map(shown), hint];
}

function webhooksIn(requests: readonly ResourceRequest[], { ports, webhooks, called }: Surroundings): string[] {
  const written = requests.filter(({ target, verb }) => target.group === ADMISSION && isWrite(verb)).map(shown);
  const told = webhooks.map((one) => `the manifests have ${one}`);
  const isHeard = ports.includes(USUAL_WEBHOOK_PORT) && called.length === 0;
  const uncalled = [...told, ...(isHeard ? [`it listens at port ${USUAL_WEBHOOK_PORT}`] : [])];
  const known = uncalled.length === 0 ? [] : ['they are not called here: what they change or refuse is not known'];
  return [...called, ...written, ...uncalled, ...known];
}

function watchesIn(requests: readonly ResourceRequest[], { subject, base, alsoProbed }: Surroundings): string[] {
  const made = new Set([...base.outcome.values()].map(({ ref }) => `${ref.group}/${ref.resource}`));
  const others = requests.filter(
    ({ verb, target }) =>
      verb === 'watch' &&
      !isOfSubject(subject, target) &&
      !alsoProbed.includes(kindName(target)) &&
      !made.has(`${target.group}/${target.resource}`),
  );
  return others.map(({ target }) => {
    const { namespace } = target;
    return `watch ${kindName(target)} ${namespace === '' ? 'in all namespaces' : `in ${withWords(namespace)}`}`;
  });
}

function forcedIn(requests: readonly ResourceRequest[]): string[] {
  return requests
    .filter(({ verb, uri }) => verb === 'patch' && /[?&]force=true/.test(uri))
    .map((request) => `${shown(request)} as ${managerIn(request)}, with force`);
}

function managerIn({ uri, userAgent }: TrailRequest): string {
  const manager = new URLSearchParams(uri.split('?')[1] ?? '').get('fieldManager');
  return JSON.stringify(manager ?? userAgent.split('/')[0]);
}

/** Objects of which it wants one thing, another, and the first again, though nobody else wrote. */
function flipFlopsIn(requests: readonly ResourceRequest[]): string[] {
  const bodies = new Map<string, string[]>();
  for (const request of requests) {
    if (!['update', 'patch'].includes(request.verb) || request.target.resource === 'leases' || !request.body) continue;
    const key = `${request.target.group}/${request.target.resource}/${request.target.subresource} ${request.target.namespace}/${request.target.name}`;
    const said = bodies.get(key) ?? [];
    said.push(withoutVersion(request.body));
    bodies.set(key, said);
  }
  return [...bodies]
    .filter(([, said]) => turns(said) > MOST_TURNS)
    .map(([key, said]) => `${withWords(key)} was written ${said.length} times, to and fro`);
}

/** More turns than interventions make. */
const MOST_TURNS = 12;

function turns(said: readonly string[]): number {
  return said.filter((one, i) => i > 1 && one === said[i - 2] && one !== said[i - 1]).length;
}

function withoutVersion(body: object): string {
  return JSON.stringify(body, (key, value: unknown) => {
    if (key === 'resourceVersion' || key === 'managedFields' || key === 'generation') return undefined;
    return typeof value === 'bigint' ? String(value) : value;
  });
}

function isWrite(verb: string): boolean {
  return ['create', 'update', 'patch', 'delete'].includes(verb);
}

function shown({ verb, target, body }: ResourceRequest): string {
  const { namespace, name } = target;
  const { name: said = '' } = (body?.metadata ?? {}) as { readonly name?: string };
  return withWords(`${verb} ${kindName(target)} ${[namespace, name || said].filter((part) => part !== '').join('/')}`);
}
