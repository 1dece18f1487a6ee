import type { StoryObject } from 'nekube/weekly';

/** The title of a story, which leads to its page if it has one. */
export function StoryTitle({ story: { spec } }: { readonly story: StoryObject }) {
  return (
    <p class="card-title" translate={false}>
      {spec.url === undefined ? (
        spec.title
      ) : (
        <a href={spec.url} target="_blank" rel="noreferrer noopener">
          {spec.title}
        </a>
      )}
    </p>
  );
}
