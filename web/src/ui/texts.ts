import { number } from '../i18n/number.ts';
import { texts } from '../i18n/texts.ts';

/** What parts say of themselves that several views have. */
export const uiTexts = texts(
  {
    suggestions: 'Suggestions',
    suggestionCount: (n: number) => `${number(n)} ${n === 1 ? 'suggestion' : 'suggestions'}`,
  },
  {
    ja: {
      suggestions: '候補',
      suggestionCount: (n: number) => `候補 ${number(n)} 件`,
    },
  },
);
