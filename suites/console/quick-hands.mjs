// Hands that are quicker than any page: keys between which no frame is drawn and no timer runs.

/**
 * Strikes keys one after the other where the focus is, within one task of the page. After each one a page does what it does before
 * it gives way, as it does after each key of a keyboard; what waits for a frame or a timer is late for the next key.
 *
 * @param keys as `KeyboardEvent.key` has them, with `Shift+` and `Control+` before; `{text}` is typed letter by letter, `{click}` is
 *   a click on what the selector finds, `{focus}` moves the focus to it
 */
export function strike(page, ...keys) {
  return page.evaluate(strikeInPage, { keys, isAtOnce: false });
}

/** As `strike`, and the page has not even drawn what one key changed when the next one comes: what a key means is never what is drawn. */
export function strikeAtOnce(page, ...keys) {
  return page.evaluate(strikeInPage, { keys, isAtOnce: true });
}

async function strikeInPage({ keys, isAtOnce }) {
  for (const key of keys) {
    if (typeof key === 'string') press(key);
    else if (key.text !== undefined) for (const letter of key.text) press(letter);
    else if (key.click !== undefined) found(key.click).click();
    else found(key.focus).focus();
    // work that was asked for within this task is done by then
    if (!isAtOnce) for (let i = 0; i < 8; i++) await Promise.resolve();
  }

  function found(selector) {
    const element = document.querySelector(selector);
    if (element === null) throw new Error(`no ${selector} is there at its key`);
    return element;
  }

  function press(name) {
    const parts = /^((?:Shift\+|Control\+)*)(.+)$/.exec(name);
    const key = parts[2] === 'Space' ? ' ' : parts[2];
    const target = document.activeElement ?? document.body;
    const event = new KeyboardEvent('keydown', {
      key,
      shiftKey: parts[1].includes('Shift'),
      ctrlKey: parts[1].includes('Control'),
      bubbles: true,
      cancelable: true,
      composed: true,
    });
    if (target.dispatchEvent(event) && !event.ctrlKey) byDefault(target, key);
  }

  /** What a browser does with a key of a keyboard, and not with one of a script. */
  function byDefault(target, key) {
    const isField = target.matches('input:not([type=checkbox], [type=radio]), textarea');
    if (isField && key.length === 1) {
      target.setRangeText(key, target.selectionStart, target.selectionEnd, 'end');
      target.dispatchEvent(new InputEvent('input', { bubbles: true, data: key, inputType: 'insertText' }));
    } else if (key === 'Enter' && isField && target.form) {
      const button = target.form.querySelector('button[type=submit]');
      if (button && !button.disabled) button.click();
    } else if ((key === 'Enter' || key === ' ') && target.matches('button, a[href]')) target.click();
    else if (key === 'Escape') {
      const dialog = [...document.querySelectorAll('dialog:modal')].at(-1);
      if (dialog?.dispatchEvent(new Event('cancel', { cancelable: true }))) dialog.close();
    }
  }
}
