import { language } from '../i18n/language.ts';
import type { Column } from './columns.ts';
import japanese from './column-titles.ja.json' with { type: 'json' };

/** The heading of a column in the language that is shown. What a custom resource calls its own columns stays. */
export function columnTitle(column: Column): string {
  if (column.from === 'label' || column.from === 'field') return column.name;
  return language.value === 'ja' ? ((japanese as Record<string, string>)[column.name] ?? column.name) : column.name;
}
