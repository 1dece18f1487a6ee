import { setQuery } from '../app/router.ts';
import type { PastStory } from './board.ts';
import { StoryTitle } from './story-title.tsx';
import { weeklyTexts as t } from './texts.ts';

/** What other issues told that has the words of the filter. */
export function PastStories({ stories }: { readonly stories: readonly PastStory[] }) {
  return (
    <section class="board-column past" aria-labelledby="column-past">
      <h2 id="column-past">
        <span>{t.pastStories}</span>
        <span class="count" aria-label={t.stories(stories.length)}>
          {stories.length}
        </span>
      </h2>
      <ul>
        {stories.map(({ story, number }) => (
          <li key={story.metadata.name} class="board-card">
            <StoryTitle story={story} />
            <p class="card-facts">
              <button type="button" class="quiet" onClick={() => setQuery({ issue: `${number}`, q: undefined })}>
                {t.toldIn(number)}
              </button>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
