import { type StoryObject, textOfTitle } from 'nekube/weekly';

/** The title of a story, which leads to its page if it has one. */
export function StoryTitle({ story: { spec } }: { readonly story: StoryObject }) {
  const title = textOfTitle(spec.title);
  return (
    <p class="card-title" translate={false}>
      {spec.url === undefined ? (
        title
      ) : (
        <a href={spec.url} target="_blank" rel="noreferrer noopener">
          {title}
        </a>
      )}
    </p>
  );
}
