import { parseJson, stringifyJson, type JsonObject } from 'nekube/apimachinery';
import { isOfResource, type TrailRequest } from '../trail/request.ts';

/** What stands for names in outcomes, so that those of two trials can be compared. */
export const WORDS = { namespace: '‹namespace›', name: '‹name›' } as const;

/** A text with words for the names of namespaces and resources that an audit makes. */
export function withWords(text: string): string {
  return text
    .replace(/\b(x+-)?probe-[a-z0-9]+-q\b/g, WORDS.name)
    .replace(/\baudit-[0-9a-f]+-[0-9a-f]+\b/g, WORDS.namespace);
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
