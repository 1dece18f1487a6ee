import { isStatusError, type JsonObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { withWords } from '../observe/words.ts';
import { freshName, resourceOf, type Subject } from './subject.ts';
import { takenSpec } from './taken-spec.ts';

/**
 * A subject whose sample was made by its schema, with one that the server takes; where it takes none, with one that has as little in it as
 * may be, of which it tells why when that is made. Nothing is kept of what is tried.
 */
export async function withTakenSample(client: Client, subject: Subject): Promise<Subject> {
  const name = freshName();
  const whyNot = async (spec?: JsonObject): Promise<string | undefined> => {
    try {
      await client.create(resourceOf(subject, 'default', name, spec), { dryRun: true });
      return undefined;
    } catch (error) {
      if (!isStatusError(error)) throw error;
      return withWords(error.message);
    }
  };
  const { sample, schema } = subject;
  if (schema === undefined || (await whyNot()) === undefined) return subject;
  const { spec } = await takenSpec(schema, whyNot);
  return { ...subject, sample: { ...sample, spec } };
}
