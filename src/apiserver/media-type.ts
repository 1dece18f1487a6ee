/** A media type of an Accept or Content-Type header, with its parameters. */
export interface MediaType {
  /** `type/subtype` in lower case. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Quality, 1 unless given. */
  readonly quality: number;
}

/** Reads one media type; the empty string gives an empty type. */
export function parseMediaType(text: string): MediaType {
  const [type = '', ...rest] = text.split(';');
  const parameters: Record<string, string> = {};
  for (const parameter of rest) {
    const at = parameter.indexOf('=');
    if (at > 0)
      parameters[parameter.slice(0, at).trim().toLowerCase()] = parameter
        .slice(at + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1');
  }
  const quality = Number(parameters.q ?? '1');
  return { type: type.trim().toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 0 };
}

/** The media types of an Accept header, best first; equal qualities keep their order, `*` parts come last. */
export function parseAccept(header: string | undefined): MediaType[] {
  if (header === undefined || header.trim() === '') return [];
  const stars = (m: MediaType) => (m.type === '*/*' ? 2 : m.type.endsWith('/*') ? 1 : 0);
  return header
    .split(',')
    .map(parseMediaType)
    .filter((m) => m.quality > 0)
    .map((m, i) => ({ m, i }))
    .sort((a, b) => b.m.quality - a.m.quality || stars(a.m) - stars(b.m) || a.i - b.i)
    .map(({ m }) => m);
}

/** The encodings that objects are answered in. */
export type Encoding = 'json' | 'yaml' | 'protobuf';

/** An object's media types, in the order that error messages name them. */
export const OBJECT_MEDIA_TYPES: Readonly<Record<string, Encoding>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
};

/** Another form of the object that the client asks for, by the parameters `as`, `v` and `g` (KEP-1365). */
export type Transform = 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

/** What an Accept header came to. */
export interface Negotiated {
  readonly encoding: Encoding;
  readonly mediaType: string;
  readonly pretty: boolean;
  readonly as?: Transform;
  /** The version of group `meta.k8s.io` of the transform. */
  readonly asVersion?: string;
}

const TRANSFORMS = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);

/** What a client asks for beside its Accept header. */
export interface NegotiateOptions {
  /** Indented JSON, unless the header says otherwise; default false. */
  readonly pretty?: boolean;
}

/**
 * Chooses how to answer from an Accept header; without one, JSON.
 *
 * @returns undefined when nothing acceptable can be served (406).
 */
export function negotiate(accept: string | undefined, options: NegotiateOptions = {}): Negotiated | undefined {
  const key = accept ?? '';
  if (key.length > MAX_KNOWN_LENGTH) return chooseFrom(accept, options);
  const known = options.pretty ? knownPretty : knownPlain;
  let chosen = known.get(key);
  if (chosen === undefined) {
    if (known.size >= MAX_KNOWN) known.clear();
    chosen = { negotiated: chooseFrom(accept, options) };
    known.set(key, chosen);
  }
  return chosen.negotiated;
}

/** What headers came to: clients send few different ones. */
type Known = Map<string, { readonly negotiated: Negotiated | undefined }>;
const knownPlain: Known = new Map();
const knownPretty: Known = new Map();
const MAX_KNOWN = 100;
const MAX_KNOWN_LENGTH = 500;

function chooseFrom(accept: string | undefined, options: NegotiateOptions): Negotiated | undefined {
  const pretty = options.pretty ?? false;
  const clauses = parseAccept(accept);
  if (clauses.length === 0) return { encoding: 'json', mediaType: 'application/json', pretty };
  for (const clause of clauses) {
    const chosen = accepts(clause);
    if (chosen === undefined) continue;
    const { as, v, g, pretty: asked } = clause.parameters;
    const result = { ...chosen, pretty: asked === undefined ? pretty : asked !== '0' && asked !== 'false' };
    if (as === undefined) return result;
    // there is no message of a Table, since its cells are of any type
    if (as === 'Table' && chosen.encoding === 'protobuf') continue;
    if (!TRANSFORMS.has(as) || g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) continue;
    return { ...result, as: as as Transform, asVersion: v };
  }
  return undefined;
}

function accepts(clause: MediaType): Pick<Negotiated, 'encoding' | 'mediaType'> | undefined {
  for (const [mediaType, encoding] of Object.entries(OBJECT_MEDIA_TYPES)) {
    if (clause.type === mediaType || clause.type === '*/*' || clause.type === 'application/*')
      return { encoding, mediaType };
  }
  return undefined;
}
