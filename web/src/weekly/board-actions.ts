import {
  applyOverMachines,
  type Decision,
  decisionApply,
  editorName,
  isUnnamed,
  isVoteOf,
  type StoryObject,
  type VoteObject,
} from 'nekube/weekly';
import { isApiError, requestJson } from '../api/http.ts';
import { toast } from '../ui/toasts.tsx';
import type { BoardColumn } from './board.ts';
import type { LiveList } from './live-list.ts';
import { weeklyTexts as t } from './texts.ts';

const API = '/k8s/apis/weekly.nekube.dev/v1alpha1';
const APPLY = 'application/apply-patch+yaml';

/** What can be done with a story. */
export interface BoardActions {
  readonly place: (story: StoryObject, column: BoardColumn, index: number) => Promise<void>;
  readonly present: (story: StoryObject, presenter: string) => Promise<void>;
  readonly vote: (story: StoryObject, value: 'For' | 'Against') => Promise<void>;
  readonly note: (story: StoryObject, notes: string) => Promise<void>;
}

/** What asks whether something is decided against somebody else's decision. */
export type AskConflict = (message: string) => Promise<boolean>;

/**
 * Decides something of a story as an editor. What nobody decided gives way; against another's decision it asks. What is not kept is said,
 * and undefined returned.
 */
export async function decide(
  story: StoryObject,
  editor: string,
  decision: Decision,
  ask: AskConflict,
): Promise<StoryObject | undefined> {
  const { fieldManager, configuration } = decisionApply(story, editor, decision);
  const { namespace, name } = story.metadata;
  const apply = (force: boolean): Promise<StoryObject> => {
    const query = new URLSearchParams({ fieldManager, force: String(force) });
    return requestJson(`${API}/namespaces/${namespace}/stories/${name}?${query}`, {
      method: 'PATCH',
      contentType: APPLY,
      body: configuration,
    });
  };
  return await kept(async () => {
    try {
      return await applyOverMachines(editor, apply);
    } catch (error) {
      if (!isApiError(error, 409)) throw error;
      return (await ask(error.message)) ? await apply(true) : undefined;
    }
  });
}

/**
 * Votes as a user; a second vote of the same value takes the first one back.
 *
 * @param votes all that there are; of this user's there is more than one, if some have a name that the user had before
 */
export async function vote(
  story: StoryObject,
  user: string,
  value: 'For' | 'Against',
  votes: LiveList<VoteObject>,
): Promise<void> {
  const { namespace, name } = story.metadata;
  const voter = editorName(user);
  const path = `${API}/namespaces/${namespace}/votes`;
  const mine = [...votes.items.peek().values()].filter((one) => isVoteOf(one, user) && one.spec.storyRef.name === name);
  const isTakenBack = mine.some(({ spec }) => spec.value === value);
  const old = mine.filter(({ spec }) => isTakenBack || spec.voter !== voter);
  await kept(async () => {
    if (isUnnamed(user)) throw new Error(t.tooLongToVote(user));
    for (const { metadata } of old) {
      await gone(`${path}/${metadata.name}`);
      votes.drop(metadata.name!);
    }
    if (isTakenBack) return;
    const metadata = { name: `${name}.${voter}`, namespace };
    const spec = { storyRef: { name }, voter, user, value };
    const body = { apiVersion: 'weekly.nekube.dev/v1alpha1', kind: 'Vote', metadata, spec };
    const query = new URLSearchParams({ fieldManager: voter, force: 'true' });
    votes.put(
      await requestJson<VoteObject>(`${path}/${metadata.name}?${query}`, {
        method: 'PATCH',
        contentType: APPLY,
        body,
      }),
    );
  });
}

/** Keeps notes of a story, which belong to whoever wrote them last. */
export async function keepNotes(story: StoryObject, editor: string, notes: string): Promise<StoryObject | undefined> {
  const { namespace, name } = story.metadata;
  const query = new URLSearchParams({ fieldManager: `${editor}.notes`, force: 'true' });
  const body = {
    apiVersion: 'weekly.nekube.dev/v1alpha1',
    kind: 'Story',
    metadata: { name, namespace },
    spec: { notes },
  };
  return await kept(() =>
    requestJson<StoryObject>(`${API}/namespaces/${namespace}/stories/${name}?${query}`, {
      method: 'PATCH',
      contentType: APPLY,
      body,
    }),
  );
}

/** Deletes what may be gone already: by a second click, or in another tab. */
async function gone(path: string): Promise<void> {
  try {
    await requestJson(path, { method: 'DELETE', body: {} });
  } catch (error) {
    if (!isApiError(error, 404)) throw error;
  }
}

async function kept<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    toast(t.failed((error as Error).message), 'bad');
    return undefined;
  }
}
