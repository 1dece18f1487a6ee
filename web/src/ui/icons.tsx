/** Paths of our icons, on a grid of 16, drawn by a line. */
const PATHS = {
  home: 'M2.5 7.5 8 3l5.5 4.5V13a.5.5 0 0 1-.5.5H9.5v-4h-3v4H3a.5.5 0 0 1-.5-.5z',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5 14 14',
  cube: 'M8 2 13.5 5v6L8 14l-5.5-3V5zM2.5 5 8 8l5.5-3M8 8v6',
  chevron: 'm6 4 4 4-4 4',
  close: 'm4 4 8 8M12 4l-8 8',
  check: 'm3 8.5 3.5 3.5L13 4.5',
  columns: 'M2.5 3.5h11v9h-11zM6.2 3.5v9M9.8 3.5v9',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.5V8l2.5 1.5',
  warning: 'M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 11.7v.3',
  plus: 'M8 3v10M3 8h10',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  moon: 'M13.5 9.5A5.8 5.8 0 0 1 6.5 2.5a5.8 5.8 0 1 0 7 7z',
  layers: 'M8 2 14 5.2 8 8.4 2 5.2zM2 8l6 3.2L14 8M2 10.8 8 14l6-3.2',
  person: 'M8 8a2.6 2.6 0 1 0 0-5.2A2.6 2.6 0 0 0 8 8zM3 13.5a5 5 0 0 1 10 0',
  keyboard: 'M1.5 4.5h13v7h-13zM4 7h.1M6.5 7h.1M9 7h.1M11.5 7h.1M5 9.5h6',
  people:
    'M6 7.5a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM2 13a4 4 0 0 1 8 0M11 7.3a2 2 0 0 0 0-3.8M12 9.5a3.6 3.6 0 0 1 2.2 3.5',
  book: 'M8 4C6.5 2.8 4.5 2.5 2.5 2.700v9.6c2-.2 4 .1 5.5 1.2 1.5-1.100 3.5-1.4 5.5-1.2V2.700C11.5 2.5 9.5 2.8 8 4zM8 4v9.5',
  newspaper: 'M2.5 3h8.5v10h-7a1 1 0 0 1-1-1zM11 6h2.5v6a1 1 0 0 1-2.5 1M4.5 5.5H9V8H4.5zM4.5 10.5H9',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  up: 'M8 13V3M4 7l4-4 4 4',
  down: 'M8 3v10M4 9l4 4 4-4',
  expand: 'm5 6.5 3-3 3 3M5 9.5l3 3 3-3',
  lock: 'M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  link: 'M6.5 9.5a2.5 2.5 0 0 0 3.6 0l2.6-2.6a2.5 2.5 0 0 0-3.6-3.6L8.2 4.2M9.5 6.5a2.5 2.5 0 0 0-3.6 0L3.3 9.100a2.5 2.5 0 0 0 3.6 3.6l.9-.9',
} as const;

export type IconName = keyof typeof PATHS;

/** Beside a text it says nothing by itself; alone, its button has an `aria-label`. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
