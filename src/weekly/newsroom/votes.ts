import type { StoryObject, VoteObject } from '../resources/kinds.ts';

/** Stories with the votes that are there now. Their status has the same once the newsroom's controllers have seen them, if any run. */
export function withVotes(stories: readonly StoryObject[], votes: readonly VoteObject[]): readonly StoryObject[] {
  const counts = new Map<string, { votesFor: number; votesAgainst: number }>();
  for (const { spec } of votes) {
    const count = counts.get(spec.storyRef.name) ?? { votesFor: 0, votesAgainst: 0 };
    count[spec.value === 'Against' ? 'votesAgainst' : 'votesFor']++;
    counts.set(spec.storyRef.name, count);
  }
  return stories.map((story) => ({
    ...story,
    status: { ...story.status, ...(counts.get(story.metadata.name!) ?? { votesFor: 0, votesAgainst: 0 }) },
  }));
}
