import type { JsonObject } from 'nekube/apimachinery';
import { BLOCK_KINDS } from '../issue/model.ts';
import { integer, listByKey, object, oneOf, text } from './schema.ts';

/** Keys that editors share, and that survive a change of the text. */
const ID = text(undefined, { minLength: 1, maxLength: 63 });
const LONG = { maxLength: 131072 };

/** What a text is in other languages, one an editor. */
export const TRANSLATIONS: JsonObject = listByKey(
  'language',
  object(
    {
      language: text('BCP 47.', { minLength: 2, maxLength: 35 }),
      text: text(undefined, LONG),
      sourceHash: text('Of the text that was translated: when the text has another, this is stale.', { maxLength: 64 }),
    },
    ['language', 'text', 'sourceHash'],
  ),
  'What it is in other languages.',
  { maxItems: 16 },
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
      translations: TRANSLATIONS,
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
      titleTranslations: TRANSLATIONS,
      emoji: text(undefined, { maxLength: 32 }),
      introduction: BLOCKS,
    },
    ['id', 'title'],
  ),
  undefined,
  { maxItems: 64 },
);

/** What is said at the end. */
export const AFTERWORD: JsonObject = object({ title: TITLE, titleTranslations: TRANSLATIONS, blocks: BLOCKS }, [
  'title',
]);
