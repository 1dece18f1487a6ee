import { parseJson, stringifyJson, type JsonObject } from 'nekube/apimachinery';
import { isOfResource, type TrailRequest } from '../trail/request.ts';

/** What stands for names in outcomes, so that those of two trials can be compared. */
export const WORDS = { namespace: '‹namespace›', name: '‹name›' } as const;

/** What the names of the namespaces that an audit makes begin with; a server of tests adds two hexadecimal numbers. */
export const PREFIX = 'audit';
/** What a namespace is called that no resource is in: what is done there is done by one that is elsewhere. */
export const ELSEWHERE = `${PREFIX}-elsewhere`;

const NAMES = /(\bx+-)?probe-[a-z0-9]+-q/g;
const NAMESPACES = new RegExp(`\\b${PREFIX}(-elsewhere)?-[0-9a-f]+-[0-9a-f]+\\b`, 'g');

/** A text with words for the names of namespaces and resources that an audit makes, of whichever trial they are. */
export function withWords(text: string): string {
  return text.replace(NAMES, WORDS.name).replace(NAMESPACES, WORDS.namespace);
}

/** Whether a text has the name of a resource that an audit makes in it. */
export function hasName(text: string): boolean {
  return text.search(NAMES) >= 0;
}

/** A request with these words: those of all probes are for one namespace and one name, so that what was used is told once. */
export function requestWithWords(request: TrailRequest): TrailRequest {
  const { target, uri, body } = request;
  return {
    ...request,
    target: isOfResource(target)
      ? { ...target, namespace: withWords(target.namespace), name: withWords(target.name) }
      : { path: withWords(target.path) },
    uri: withWords(uri),
    ...(body !== undefined && { body: parseJson(withWords(stringifyJson(body))) as JsonObject }),
  };
}
