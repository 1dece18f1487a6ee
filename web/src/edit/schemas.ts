import { type JsonObject, parseJson } from 'nekube/apimachinery';
import { request } from '../api/http.ts';
import { documentPath, KindSchema } from './schema.ts';

const documents = new Map<string, Promise<JsonObject>>();

/**
 * The schema of a kind; undefined where the server states none. Only the document of its group and version is asked for,
 * once.
 *
 * @throws ApiError
 */
export async function schemaOf(apiVersion: string, kind: string): Promise<KindSchema | undefined> {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  let document = documents.get(apiVersion);
  if (document === undefined) {
    document = request(`/k8s${documentPath(apiVersion)}`).then(
      async (answer) => parseJson(await answer.text()) as JsonObject,
    );
    documents.set(apiVersion, document);
    // a definition may come later, and one may change
    const forget = (): void => void documents.delete(apiVersion);
    document.then(() => setTimeout(forget, 60_000), forget);
  }
  return KindSchema.of(await document, { group: group!, version: version!, kind });
}
