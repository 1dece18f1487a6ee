import { number } from '../i18n/number.ts';
import { texts } from '../i18n/texts.ts';

export const overviewTexts = texts(
  {
    overview: 'Overview',
    loading: 'Loading…',
    away: 'The server is waited for, and what you see may be old.',
    warnings: 'Warnings',
    noWarnings: 'No warnings',
    conflicts: 'Ownership conflicts',
    conflictsWait: (n: number) => `${number(n)} ${n === 1 ? 'apply waits' : 'applies wait'} for a decision`,
    recently: 'Recently changed',
    nothingChanged: 'Nothing changed yet',
    onlyCounted: (n: number) =>
      `Kinds with more than ${number(n)} objects are only counted here; their lists show what changes:`,
    made: 'created',
    changed: 'changed',
    deleting: 'being deleted',
    objects: 'Objects',
  },
  {
    ja: {
      overview: '概要',
      loading: '読み込み中…',
      away: 'サーバーの応答を待っています。表示は古い可能性があります。',
      warnings: '警告',
      noWarnings: '警告はありません',
      conflicts: '所有権の競合',
      conflictsWait: (n: number) => `${number(n)} 件の適用が判断を待っています`,
      recently: '最近の変更',
      nothingChanged: 'まだ変更はありません',
      onlyCounted: (n: number) =>
        `${number(n)} 件を超える種類は、ここでは件数だけを表示します。変更は一覧で確認できます:`,
      made: '作成',
      changed: '変更',
      deleting: '削除中',
      objects: 'オブジェクト',
    },
  },
);
