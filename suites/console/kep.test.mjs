// The section of KEPs in a real browser: each view by its address, filtered, searched, walked by keys, as of a day; with a text that is
// as hostile as it can be.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { start } from 'nekube/envtest';
import { syncKeps } from 'nekube/kep';
import { barriers, noBrowser, openConsole } from './chromium.mjs';
import { hostileReadme, madeUpKeps } from './made-up-keps.mjs';

describe('KEPs in the console', { skip: noBrowser }, () => {
  let env;
  let opened;
  let tab;

  before(async () => {
    env = await start();
    await syncKeps(env.client, madeUpKeps(), { source: 'test' });
    opened = await openConsole(env);
    tab = await opened.signIn();
  });
  after(async () => {
    await opened?.close();
    await env?.stop();
  });

  const numbers = (page) => page.locator('.kep-grid .grid-body .kep-number').allTextContents();
  const shows = (page, wanted) =>
    page.waitForFunction(
      (text) =>
        [...document.querySelectorAll('.kep-grid .grid-body .kep-number')].map((one) => one.textContent).join(' ') ===
        text,
      wanted,
    );

  test('the list shows what changed last first, and is filtered as one types; the address follows', async () => {
    const { page, visit } = tab;
    await visit('/keps');
    await page.getByText('5 KEPs', { exact: true }).waitFor();
    assert.deepEqual(await numbers(page), ['11', '12', '13', '14', '15']);
    await page.keyboard.press('/');
    await page.keyboard.type('sig:node -stage:beta');
    await shows(page, '11 14');
    await page.getByText('2 of 5 KEPs').waitFor();
    // all of it: who types slowly has the first words in the address before the last
    await page.waitForURL(({ searchParams }) => searchParams.get('filter') === 'sig:node -stage:beta');
    await page.reload();
    await shows(page, '11 14');
  });

  test('what was typed stays with the list, also where a KEP is opened right after the last letter', async () => {
    const { page, visit } = tab;
    await visit('/keps');
    await page.getByText('5 KEPs', { exact: true }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('sig:node');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/keps\/11-[^?]*$/);
    await page.goBack();
    await page.waitForURL(/filter=sig:node/);
    await shows(page, '11 12 14');
  });

  test('what is typed is completed: fields, and their values with how many KEPs have them, by keys alone', async () => {
    const { page, visit } = tab;
    await visit('/keps');
    await page.getByText('5 KEPs', { exact: true }).waitFor();
    const field = page.getByRole('combobox', { name: 'Filter or search KEPs' });
    await field.pressSequentially('-stage:alpha stat');
    await page.getByRole('option', { name: 'status' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: 'implementable' }).waitFor();
    assert.equal(await field.inputValue(), '-stage:alpha status:');
    assert.deepEqual(await barriers(page), []);
    await page.keyboard.type('impl');
    await page.getByRole('option', { name: 'implemented' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.getByRole('listbox').waitFor({ state: 'hidden' });
    assert.match(await field.inputValue(), /^-stage:alpha status:implement(able|ed)$/);
    await page.keyboard.press('Escape');
    await page.getByText('5 KEPs', { exact: true }).waitFor();
  });

  test('what is wrong in a filter is said, and what is right in it holds', async () => {
    const { page, visit } = tab;
    await visit('/keps');
    await page.getByText('5 KEPs', { exact: true }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('sig:node stage:gamma');
    await page.getByRole('alert').getByText('“gamma” is no stage').waitFor();
    await shows(page, '11 12 14');
    await page.keyboard.press('Escape');
    await page.getByText('5 KEPs', { exact: true }).waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
  });

  test('counts at the side choose values, and back takes a choice back', async () => {
    const { page, visit } = tab;
    await visit('/keps');
    await page.getByRole('button', { name: 'sig-node 3' }).click();
    await shows(page, '11 12 14');
    // a field is counted without its own terms
    await page.getByRole('button', { name: 'sig-apps 2' }).click();
    await page.getByText('5 KEPs', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'alpha 2' }).click();
    await shows(page, '11 13');
    await page.goBack();
    await page.getByText('5 KEPs', { exact: true }).waitFor();
    await page.goBack();
    await shows(page, '11 12 14');
    await page.goForward();
    await page.goForward();
    await shows(page, '11 13');
  });

  test('people are found among many, and asked for', async () => {
    const { page, visit } = tab;
    await visit('/keps');
    await page.getByText('Author', { exact: true }).click();
    await page.getByRole('textbox', { name: 'Find: Author' }).fill('ada');
    await page.getByRole('button', { name: 'Ada Example 1' }).click();
    await shows(page, '12');
    await page.waitForURL(/author:%22Ada|author:"Ada|author%3A%22Ada/);
  });

  test('rows are sorted by a click, up, down and as they were', async () => {
    const { page, visit } = tab;
    await visit('/keps?sort=title');
    await shows(page, '15 13 14 11 12');
    const title = page.getByRole('columnheader', { name: 'Title' });
    assert.equal(await title.getAttribute('aria-sort'), 'ascending');
    await title.getByRole('button').click();
    await shows(page, '12 11 14 13 15');
    await title.getByRole('button').click();
    await shows(page, '11 12 13 14 15');
  });

  test('words are looked for in the texts, the best first, and where they stand is shown', async () => {
    const { page, visit } = tab;
    await visit('/keps');
    await page.getByRole('button', { name: 'In texts' }).click();
    await page.keyboard.press('/');
    await page.keyboard.type('marmots');
    await page.getByText('2 found').waitFor();
    assert.deepEqual((await numbers(page)).sort(), ['11', '14']);
    await page.locator('mark', { hasText: 'marmots' }).first().waitFor();
    await page.waitForURL(/in=texts/);
    await page.keyboard.type(' status:implemented');
    await page.getByText('1 found').waitFor();
    assert.deepEqual(await numbers(page), ['14']);
  });

  test('their key leads to the field while there are no words, and else leaves one where one is', async () => {
    const { page, visit } = tab;
    await visit('/keps');
    await page.getByText('5 KEPs', { exact: true }).waitFor();
    await page.keyboard.press('t');
    await page.keyboard.type('marmots');
    await page.getByText('2 found').waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('t');
    await page.waitForURL((url) => url.search === '?filter=marmots');
    await page.keyboard.press('t');
    await page.waitForURL(/in=texts/);
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'DIV');
  });

  test('by keys alone one goes to a KEP and back', async () => {
    const { page, visit } = tab;
    await visit('/');
    await page.locator('.sidebar').waitFor();
    // one after the other without a wait between them: a sequence has its time
    await Promise.all(['g', 'k'].map((key) => page.keyboard.press(key)));
    await page.waitForURL(/\/keps$/);
    await page.getByText('5 KEPs', { exact: true }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/keps\/12-/);
    await page.getByRole('heading', { name: 'Softer pillows', exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL(/\/keps$/);
  });

  test('the palette finds a KEP by its number and by its title', async () => {
    const { page, visit } = tab;
    for (const typed of ['14', 'hammock']) {
      await visit('/keps/gates');
      await page.getByRole('row', { name: /Naps/ }).first().waitFor();
      await page.keyboard.press('Control+k');
      await page.keyboard.type(typed);
      await page.getByRole('option', { name: /14 Hammocks/ }).waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/keps\/14-/);
    }
  });

  test('a page tells the graduation, what changed by which commit, who, and its neighbours', async () => {
    const { page, visit } = tab;
    await visit('/keps/12-softer-pillows');
    await page.getByRole('heading', { name: 'Softer pillows', exact: true }).waitFor();
    const steps = await page.locator('.kep-steps li').allTextContents();
    assert.deepEqual(steps, ['alphav1.30', 'betav1.33', 'stable–']);
    const timeline = page.locator('.kep-timeline > li');
    assert.equal(await timeline.count(), 3);
    assert.match(await timeline.first().textContent(), /2025-06-01#302.*stage alpha → beta/);
    assert.equal(
      await page.getByRole('link', { name: '#302' }).getAttribute('href'),
      'https://github.com/kubernetes/enhancements/pull/302',
    );
    const rail = await page.locator('.kep-rail > li').allTextContents();
    assert.deepEqual(rail, [
      'replaces15Cots',
      'KEP-12This KEP',
      'see also11Naps in the afternoonalpha',
      'see also/keps/sig-node/99-nothingnot there',
      'referred to by14Hammocksstable',
    ]);
    await page.getByRole('link', { name: 'Ada Example' }).click();
    await page.waitForURL(/filter=author/);
    await shows(page, '12');
    await page.goBack();
    await page.getByRole('link', { name: '11 Naps in the afternoon' }).click();
    await page.waitForURL(/\/keps\/11-/);
  });

  test('contents lead to headings, also by the address', async () => {
    const { page, visit } = tab;
    await page.setViewportSize({ width: 1500, height: 600 });
    await visit('/keps/14-hammocks');
    await page.getByRole('navigation', { name: 'Contents' }).getByRole('link', { name: 'Last words' }).click();
    await page.waitForURL(/#last-words$/);
    const inView = () => {
      const { top } = document.querySelector('.readme #last-words').getBoundingClientRect();
      return top >= 0 && top < innerHeight;
    };
    await page.waitForFunction(inView);
    await page.reload();
    await page.locator('.readme #last-words').waitFor();
    await page.waitForFunction(inView);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('nothing of a hostile text runs, styles, loads, or leads out of what it is', async () => {
    const { page, problems, visit } = await opened.signIn();
    await visit('/keps/11-naps');
    await page.getByText('What is left of it').waitFor();
    await page.getByText('Left out of the text').waitFor();
    for (const element of await page.locator('.readme a').all()) await element.hover({ trial: true });
    assert.ok(hostileReadme().includes('<script'));
    const found = await page.evaluate(() => ({
      ran: globalThis.pwned,
      title: document.title,
      wrong: [...document.querySelectorAll('.readme *')].flatMap((element) =>
        [...element.attributes].filter(
          ({ name, value }) =>
            /^on|^style$|^srcset$|^formaction$/.test(name) || /^\s*(javascript|data|vbscript):/i.test(value),
        ),
      ).length,
      elements: document.querySelectorAll(
        '.readme :is(script, style, iframe, object, embed, form, svg, math, base, meta, link, template, img[src^="http"])',
      ).length,
    }));
    assert.deepEqual(found, { ran: undefined, title: 'KEP-11 Naps in the afternoon · nekube', wrong: 0, elements: 0 });
    assert.deepEqual(problems, []);
  });

  test('a day shows all as it was then, and goes along', async () => {
    const { page, visit } = tab;
    await visit('/keps?asof=2024-06-30');
    await page.getByText('As of 2024-06-30', { exact: true }).waitFor();
    await shows(page, '12 11');
    await page.getByRole('link', { name: 'Pillows', exact: true }).click();
    await page.waitForURL(/\/keps\/12-softer-pillows\?asof=2024-06-30/);
    await page.getByRole('heading', { name: 'Pillows', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.getByRole('heading', { name: 'Softer pillows', exact: true }).waitFor();
    await visit('/keps/14-hammocks?asof=2024-06-30');
    await page.getByText('There was none of that name on that day.').waitFor();
  });

  test('references are drawn and listed, those that lead nowhere too', async () => {
    const { page, visit } = tab;
    await visit('/keps/graph');
    await page.getByText('4 KEPs, 4 references · 1 lead nowhere').waitFor();
    assert.equal(await page.locator('svg a.kep-node').count(), 4);
    assert.equal(await page.locator('svg .kep-node.dangling').count(), 1);
    await page.getByRole('button', { name: 'Leads nowhere' }).click();
    await page.getByText('1 KEPs, 1 references').waitFor();
    await page.waitForURL(/dangling=1/);
    await page.getByRole('button', { name: 'Leads nowhere' }).click();
    await page.keyboard.press('Tab');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.locator('.kep-references li.cursor').waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/keps\/1\d-/);
  });

  test('gates are listed, and what is not known of the code is said', async () => {
    const { page, visit } = tab;
    await visit('/keps/gates?filter=pillow');
    await page.getByRole('row', { name: /SoftPillows.*alpha v1.30, beta v1.33/ }).waitFor();
    await page.getByText('nothing is compared').waitFor();
    await page.getByText('1 gates').waitFor();
  });

  test('changes are listed by day, by SIG, and as feeds', async () => {
    const { page, visit, context } = tab;
    await visit('/keps/changes');
    await page.getByRole('combobox', { name: 'SIG' }).selectOption('sig-apps');
    await page.waitForURL(/sig=sig-apps/);
    await page.waitForFunction(() => document.querySelectorAll('li.entry').length === 2);
    const feed = await page.getByRole('link', { name: 'Atom' }).getAttribute('href');
    const atom = await context.request.get(opened.console.url + feed);
    assert.equal(atom.headers()['content-type'], 'application/atom+xml; charset=utf-8');
    assert.match(await atom.text(), /<category term="sig-apps"\/>/);
    assert.doesNotMatch(await atom.text(), /sig-node/);
    const json = await context.request.get(`${opened.console.url}/console/kep/changes.json`);
    assert.equal((await json.json()).version, 'https://jsonfeed.org/version/1.1');
  });

  const VIEWS = [
    '/keps',
    '/keps?in=texts&filter=marmots',
    '/keps?filter=nope:1',
    '/keps/11-naps',
    '/keps/12-softer-pillows?asof=2025-12-31',
    '/keps/none',
    '/keps/graph',
    '/keps/gates',
    '/keps/changes',
  ];
  for (const theme of ['light', 'dark'])
    test(`everybody can read it (axe), ${theme}, and no page breaks its policy`, async () => {
      const { page, problems, visit, context } = await opened.signIn({ theme });
      for (const path of VIEWS) {
        await visit(path);
        await settled(page);
        assert.deepEqual(await barriers(page), [], path);
      }
      assert.deepEqual(problems, []);
      await context.close();
    });

  test('in Japanese nothing is left in English but what is data', async () => {
    const { page, visit, context } = await opened.signIn({ language: 'ja' });
    for (const path of VIEWS) {
      await visit(path);
      await settled(page);
      const english = await page.evaluate(() => {
        const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
        const found = [];
        while (walker.nextNode()) {
          const { parentElement: parent, data } = walker.currentNode;
          if (parent.closest('[translate="no"], [lang="en"], code, time')) continue;
          if (/[a-z]{3,}/.test(data.replace(/README|kep\.yaml|\bgit\b|\b(alpha|beta|stable)(?= の)|「[^」]*」/g, '')))
            found.push(data);
        }
        return found;
      });
      assert.deepEqual(english, [], path);
    }
    await context.close();
  });

  test('a cluster without KEPs says how they come to it', async () => {
    const empty = await start();
    const other = await openConsole(empty);
    try {
      const { page, visit } = await other.signIn();
      for (const path of ['/keps', '/keps/graph', '/keps/changes']) {
        await visit(path);
        await page.getByText('No KEPs here yet').waitFor();
        await page.getByText('nekube kep sync --from').waitFor();
      }
    } finally {
      await other.close();
      await empty.stop();
    }
  });

  async function settled(page) {
    await page.locator('main > *').first().waitFor();
    await page.waitForFunction(
      () =>
        !document.querySelector('main .pending, .kep-grid.old') && !/Searching|検索中/.test(document.body.innerText),
    );
  }
});
