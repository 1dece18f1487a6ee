import { isJsonObject, type JsonObject, type JsonValue, parseJson } from 'nekube/apimachinery';
import type { Decision, Identity, RequestTarget, TrailRequest } from './request.ts';

/** What an audit log has, as far as it was read. */
export interface AuditTrail {
  /** In the order in which they came. */
  readonly requests: readonly TrailRequest[];
  /** Lines that are no event, by their number from 1, with why. */
  readonly problems: readonly { readonly line: number; readonly text: string }[];
}

/**
 * Reads an audit log of a kube-apiserver (`audit.k8s.io/v1`, JSON lines; https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1)
 * line by line. Of the stages of a request the last one counts, so that a watch that has not ended counts as well.
 */
export class AuditLogReader {
  readonly #requests = new Map<string, TrailRequest>();
  readonly #problems: { readonly line: number; readonly text: string }[] = [];
  #line = 0;
  #last: TrailRequest | undefined;

  /** Reads the next line, without its newline. Empty ones are passed over, what is no event is a problem. */
  read(line: string): void {
    this.#line++;
    if (line.trim() === '') return;
    try {
      const event = parseJson(line);
      if (!isJsonObject(event) || event.kind !== 'Event' || !textOf(event.apiVersion).startsWith('audit.k8s.io/'))
        throw new SyntaxError('it is no event of audit.k8s.io');
      this.#add(requestOf(event, this.#line));
    } catch (error) {
      this.#problems.push({ line: this.#line, text: (error as Error).message });
    }
  }

  /** What the line that was read last told of; undefined: there is none yet. */
  get last(): TrailRequest | undefined {
    return this.#last;
  }

  /** All that was read. */
  trail(): AuditTrail {
    const requests = [...this.#requests.values()].sort((a, b) => a.time - b.time);
    return { requests, problems: this.#problems };
  }

  /** Stages come in their order, but those of several files may not: an end is not undone by a beginning. */
  #add(request: TrailRequest): void {
    this.#last = request;
    const known = this.#requests.get(request.id);
    if (known === undefined || request.code !== 0 || known.code === 0) this.#requests.set(request.id, request);
  }
}

/** A request by one of its events. */
function requestOf(event: JsonObject, line: number): TrailRequest {
  const { verb, objectRef, responseStatus, requestObject } = event;
  const time = Date.parse(textOf(event.requestReceivedTimestamp));
  if (typeof verb !== 'string' || verb === '') throw new SyntaxError('it has no verb');
  if (Number.isNaN(time)) throw new SyntaxError('it has no requestReceivedTimestamp');
  const uri = textOf(event.requestURI);
  const hasCode = isJsonObject(responseStatus) && event.stage !== 'RequestReceived';
  const code = hasCode ? Number(responseStatus.code ?? 0) : 0;
  const impersonated = identityOf(event.impersonatedUser);
  return {
    id: textOf(event.auditID) || `line ${line}`,
    time,
    user: identityOf(event.user) ?? { name: '', groups: [] },
    ...(impersonated && { impersonated }),
    userAgent: textOf(event.userAgent),
    verb,
    target: isJsonObject(objectRef) ? resourceOf(objectRef) : { path: uri.split('?')[0]! },
    code,
    decision: decisionOf(event, code),
    uri,
    ...(isJsonObject(requestObject) && { body: requestObject }),
  };
}

function resourceOf(reference: JsonObject): RequestTarget {
  return {
    group: textOf(reference.apiGroup),
    version: textOf(reference.apiVersion),
    resource: textOf(reference.resource),
    subresource: textOf(reference.subresource),
    namespace: textOf(reference.namespace),
    name: textOf(reference.name),
  };
}

/** By the authorizer's annotation. Where there is none, a 403 can be admission's as well, and a 429 was answered before the authorizer was asked. */
function decisionOf({ annotations }: JsonObject, code: number): Decision {
  const said = isJsonObject(annotations) ? annotations['authorization.k8s.io/decision'] : undefined;
  if (said === 'allow') return 'allowed';
  if (said === 'forbid' || code === 401 || code === 429) return 'denied';
  if (code === 403 || code === 0) return 'unknown';
  return 'allowed';
}

function identityOf(user: JsonValue | undefined): Identity | undefined {
  if (!isJsonObject(user)) return undefined;
  const uid = textOf(user.uid);
  const extra = Object.entries(isJsonObject(user.extra) ? user.extra : {}).map(
    ([key, values]) => [key, textsOf(values)] as const,
  );
  return {
    name: textOf(user.username),
    groups: textsOf(user.groups),
    ...(uid !== '' && { uid }),
    ...(extra.length > 0 && { extra: Object.fromEntries(extra) }),
  };
}

function textsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
