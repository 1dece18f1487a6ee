import type { ServedVersion } from 'nekube/api';
import type { JsonObject } from 'nekube/apimachinery';
import type { Backend } from '../connect/backend.ts';
import type { RemoteApiService } from './api-service.ts';
import { type ApiAnswer, askApi } from './ask-api.ts';

const FORMS = ['v2', 'v2beta1'].map(
  (version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
);
type Resource = ServedVersion['resources'][number];

/** What the server of an APIService has in its version: from its aggregated document, else from that of the version. @throws Error */
export async function discover(service: RemoteApiService, place: Backend, signal: AbortSignal): Promise<ServedVersion> {
  const { group = '', version } = service.spec;
  const answer = await askApi(place, '/apis', { accept: FORMS.join(','), signal });
  if (answer.code === 503) throw new Error('the service answers 503');
  if (answer.code === 200 && answer.contentType.includes('as=APIGroupDiscoveryList'))
    return aggregatedVersion(jsonOf(answer), group, version);
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const plain = await askApi(place, path, { accept: 'application/json', signal });
  if (plain.code !== 200) throw new Error(`failed to download legacy discovery for ${path}: ${plain.code}`);
  return { version, resources: resourcesOf(jsonOf(plain).resources as unknown as readonly PlainResource[]) };
}

function jsonOf({ body }: ApiAnswer): JsonObject {
  const value = JSON.parse(body.toString()) as unknown;
  if (typeof value !== 'object' || value === null) throw new Error('the answer is no object');
  return value as JsonObject;
}

/** A version that the document does not tell of has nothing. */
function aggregatedVersion(document: JsonObject, group: string, version: string): ServedVersion {
  const items = (document.items ?? []) as unknown as readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly { readonly version: string; readonly resources?: readonly Resource[] }[];
  }[];
  const found = items
    .find(({ metadata }) => (metadata?.name ?? '') === group)
    ?.versions?.find((one) => one.version === version);
  return { version, resources: (found?.resources ?? []).map(withKinds) };
}

const NO_KIND = { group: '', version: '', kind: '' };

function withKinds(resource: Resource): Resource {
  const { subresources } = resource;
  return {
    ...resource,
    responseKind: resource.responseKind ?? NO_KIND,
    ...(subresources && {
      subresources: subresources.map((one) => ({ ...one, responseKind: one.responseKind ?? NO_KIND })),
    }),
  };
}

/** A resource in the plain form. */
interface PlainResource {
  readonly name: string;
  readonly singularName?: string;
  readonly namespaced?: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs?: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** Resources of the plain form, each with its subresources. */
export function resourcesOf(plain: readonly PlainResource[] = []): readonly Resource[] {
  const kindOf = ({ group = '', version = '', kind }: PlainResource) => ({ group, version, kind });
  const isOf =
    (parent: string) =>
    ({ name }: PlainResource) =>
      name.startsWith(`${parent}/`);
  return plain
    .filter(({ name }) => !name.includes('/'))
    .map((resource) => {
      const subresources = plain.filter(isOf(resource.name)).map((one) => ({
        subresource: one.name.slice(resource.name.length + 1),
        responseKind: kindOf(one),
        verbs: one.verbs ?? [],
      }));
      return {
        resource: resource.name,
        responseKind: kindOf(resource),
        scope: resource.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: resource.singularName ?? '',
        verbs: resource.verbs ?? [],
        ...(resource.shortNames && { shortNames: resource.shortNames }),
        ...(resource.categories && { categories: resource.categories }),
        ...(subresources.length > 0 && { subresources }),
      };
    });
}
