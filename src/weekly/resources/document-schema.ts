import type { JsonObject } from 'nekube/apimachinery';
import { integer, listByKey, object, oneOf, text } from 'nekube/definitions';
import { BLOCK_KINDS } from '../issue/model.ts';

/** Keys that editors share, and that survive a change of the text. */
const ID = text(undefined, { minLength: 1, maxLength: 63 });
const LONG = { maxLength: 131072 };

/**
 * What the texts of an object are in other languages. They stand beside the texts and not in them: who translates owns no part of a text, and
 * whoever removes a block leaves no part of one.
 */
export const TRANSLATIONS: JsonObject = listByKey(
  ['language', 'place'],
  object(
    {
      language: text('BCP 47.', { minLength: 2, maxLength: 35 }),
      place: text('Of the text, by ids: title, blocks/ID, introduction/ID, sections/ID/title.', {
        minLength: 1,
        maxLength: 160,
      }),
      text: text(undefined, LONG),
      sourceHash: text('Of the text that was translated: when the text has another, this is stale.', { maxLength: 64 }),
    },
    ['language', 'place', 'text', 'sourceHash'],
  ),
  'What its texts are in other languages.',
  { maxItems: 4096 },
);

/** The text of a story, in parts that are owned each by itself (issue/model.ts says what the kinds have). */
export const BLOCKS: JsonObject = listByKey(
  'id',
  object(
    {
      id: ID,
      kind: oneOf(BLOCK_KINDS),
      text: text(undefined, LONG),
      url: text(undefined, { maxLength: 4096 }),
      alt: text(undefined, { maxLength: 4096 }),
      caption: text(undefined, { maxLength: 4096 }),
      title: text(undefined, { maxLength: 4096 }),
      info: text(undefined, { maxLength: 1024 }),
      service: text(undefined, { maxLength: 63 }),
      level: integer(undefined, { minimum: 1, maximum: 6 }),
      alert: { type: 'boolean' },
    },
    ['id', 'kind'],
  ),
  undefined,
  { maxItems: 512 },
);

const TITLE = text('Inline Markdown.', { maxLength: 500 });

/** The sections of an issue, without their stories. */
export const SECTIONS: JsonObject = listByKey(
  'id',
  object(
    {
      id: ID,
      title: TITLE,
      emoji: text(undefined, { maxLength: 32 }),
      introduction: BLOCKS,
    },
    ['id', 'title'],
  ),
  undefined,
  { maxItems: 64 },
);

/** What is said at the end. */
export const AFTERWORD: JsonObject = object({ title: TITLE, blocks: BLOCKS }, ['title']);
