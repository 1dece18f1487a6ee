import type { KubeObject } from 'nekube/apimachinery';
import type { ObjectKey } from 'nekube/client';
import type { Manager, Reader } from 'nekube/controller';
import {
  ISSUE,
  type IssueObject,
  PUBLICATION,
  type PublicationObject,
  STORY,
  type StoryObject,
} from '../resources/kinds.ts';

const BY_ISSUE = 'issue';

type OfIssue = KubeObject & { readonly spec: { readonly issueRef?: { readonly name: string } } };

/** Lets stories and publications be found by the Issue that they are of. */
export function indexByIssue(manager: Manager): void {
  const keys = ({ metadata, spec }: OfIssue): readonly string[] =>
    spec.issueRef === undefined ? [] : [`${metadata.namespace}/${spec.issueRef.name}`];
  manager.addIndex(STORY, BY_ISSUE, keys);
  manager.addIndex(PUBLICATION, BY_ISSUE, keys);
}

/** The Issue that an object is of, as a request. */
export function issueOf({ metadata, spec }: OfIssue): readonly ObjectKey[] {
  return spec.issueRef === undefined ? [] : [{ namespace: metadata.namespace!, name: spec.issueRef.name }];
}

/** What is of an Issue. */
export interface PartsOfIssue {
  readonly issue: IssueObject | undefined;
  readonly stories: readonly StoryObject[];
  readonly publications: readonly PublicationObject[];
}

/** An Issue with all that is of it, as the cache has it. */
export async function partsOf({ namespace, name }: ObjectKey, reader: Reader): Promise<PartsOfIssue> {
  const key = `${namespace}/${name}`;
  const [issue, stories, publications] = await Promise.all([
    reader.get(ISSUE, { namespace: namespace!, name }),
    reader.byIndex(STORY, BY_ISSUE, key),
    reader.byIndex(PUBLICATION, BY_ISSUE, key),
  ]);
  return { issue, stories, publications };
}

/** The Issue that a Story is of, as the cache has it; undefined: it is of none, or that is not there. */
export async function issueOfStory({ metadata, spec }: StoryObject, reader: Reader): Promise<IssueObject | undefined> {
  if (spec.issueRef === undefined) return undefined;
  return reader.get(ISSUE, { namespace: metadata.namespace!, name: spec.issueRef.name });
}
