import type { ExternalAuth, Secret, Source } from '../model/index.ts';
import { type BackendReferrer, type ResolvedBackend, resolveBackend } from './backends.ts';
import type { View } from './cluster.ts';
import { externalAuthOf } from './filters.ts';
import type { ListenerFilters, Owner } from './listener-plan.ts';
import { GATEWAY_GROUP } from './listeners.ts';
import type { ListenerFilterSpec, ListenerSpec } from './resources.ts';

/** What the filters of a listener come to. */
export interface ReadListenerFilters {
  /** Absent: there are none. */
  readonly plan?: ListenerFilters;
  /** Why the listener is not served: a filter is none that could be. */
  readonly refusal?: { readonly reason: 'InvalidListenerFilter' | 'UnsupportedValue'; readonly message: string };
  /** What they refer to and is not there. */
  readonly problems: readonly { readonly reason: string; readonly message: string }[];
}

/** Whose filters they are. */
export interface ListenerFilterOwner {
  readonly owner: Owner;
  /** What the Gateway shows of itself. */
  readonly clientCertificate?: Secret;
}

const NONE: ReadListenerFilters = { problems: [] };

/** Reads the filters that every request of a listener meets before a route is chosen, in their order; none is left out. */
export function readListenerFilters(
  view: View,
  { name, filters }: ListenerSpec,
  whose: ListenerFilterOwner,
): ReadListenerFilters {
  const specs = filters?.requests ?? [];
  if (specs.length === 0) return NONE;
  const { kind, namespace, name: owner } = whose.owner;
  const reading = new Reading(view, whose, { kind, namespace, name: owner, sectionName: name });
  for (const [index, spec] of specs.entries()) {
    const refusal = reading.read(spec, `filters.requests[${index}]`);
    if (refusal !== undefined) return { refusal, problems: [] };
  }
  return reading;
}

class Reading implements ReadListenerFilters {
  readonly problems: { reason: string; message: string }[] = [];
  readonly #auths: ExternalAuth[] = [];
  readonly #backends: ResolvedBackend[] = [];
  readonly #view: View;
  readonly #whose: ListenerFilterOwner;
  readonly #source: Source;

  constructor(view: View, whose: ListenerFilterOwner, source: Source) {
    this.#view = view;
    this.#whose = whose;
    this.#source = source;
  }

  get plan(): ListenerFilters {
    return { externalAuths: this.#auths, backends: this.#backends, isClosed: this.problems.length > 0 };
  }

  /** Returns why it cannot be. */
  read({ type, externalAuth }: ListenerFilterSpec, where: string): ReadListenerFilters['refusal'] {
    if (type !== 'ExternalAuth' || !this.#view.supports('GatewayListenerFilters')) {
      const known = this.#view.supports('GatewayListenerFilters') ? 'use ExternalAuth' : 'put it into rules of routes';
      const message = `${where} (${type}) is not supported on listeners: ${known}`;
      return { reason: 'UnsupportedValue', message };
    }
    const { protocol, backendRef } = externalAuth ?? {};
    if ((protocol !== 'GRPC' && protocol !== 'HTTP') || backendRef === undefined) {
      const message = `${where}: externalAuth must have a protocol, GRPC or HTTP, and a backendRef to the service that decides`;
      return { reason: 'InvalidListenerFilter', message };
    }
    const resolved = resolveBackend(this.#view, this.#referrer(protocol), backendRef);
    if (!('backend' in resolved)) {
      const reason = resolved.reason === 'RefNotPermitted' ? resolved.reason : 'InvalidListenerFilterRef';
      this.problems.push({ reason, message: `${where}: ${resolved.message}` });
      return undefined;
    }
    this.#backends.push(resolved);
    this.#auths.push(externalAuthOf(protocol, resolved.backend.name, this.#source, externalAuth ?? {}));
    return undefined;
  }

  #referrer(speech: 'GRPC' | 'HTTP'): BackendReferrer {
    const { owner, clientCertificate } = this.#whose;
    const { kind, namespace } = owner;
    const shown = clientCertificate === undefined ? {} : { clientCertificate };
    return { group: GATEWAY_GROUP, kind, namespace, speech, appliesTls: true, levels: [], ...shown };
  }
}
