import { isStatusError } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { type IssueObject, type PlacedTranslation, type StoryObject, translationsApply } from 'nekube/weekly';
import { CliError, type Io } from '../io.ts';

/** What an editor translated of an object. */
export interface TranslatedObject<T extends IssueObject | StoryObject> {
  readonly kind: 'Issue' | 'Story';
  readonly object: T;
  readonly editor: string;
  readonly language: string;
  /** By their places in the object. */
  readonly translations: readonly PlacedTranslation[];
  /** What another editor translated otherwise is lost. */
  readonly force?: boolean | undefined;
}

/**
 * Applies what an editor translated of an object, tells it, and gives the object as it is then.
 *
 * @throws CliError: another editor translated it otherwise
 */
export async function applyTranslations<T extends IssueObject | StoryObject>(
  client: Client,
  { kind, object, editor, language, translations, force = false }: TranslatedObject<T>,
  io: Io,
): Promise<T> {
  const name = `${kind.toLowerCase()}.weekly.nekube.dev/${object.metadata.name}`;
  const apply = translationsApply(kind, object, editor, language, translations);
  if (apply === undefined) {
    io.stdout(`${name} unchanged\n`);
    return object;
  }
  const { fieldManager, configuration } = apply;
  const options = { fieldManager, force, signal: io.signal };
  const applied = await client.apply(configuration as never, options).catch((error: unknown) => {
    if (!isStatusError(error, 'Conflict')) throw error;
    throw new CliError(`${kind} ${object.metadata.name} is not translated: ${error.message}`, {
      hint: 'another editor translated it otherwise: --force takes yours',
      cause: error,
    });
  });
  const isSame = (applied as T).metadata.resourceVersion === object.metadata.resourceVersion;
  io.stdout(`${name} ${isSame ? 'unchanged' : 'changed'}\n`);
  return applied as T;
}
