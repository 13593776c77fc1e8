// The one table of keys: what binds them is what the sheet shows.

export interface KeyBinding {
  /** As they are printed on keys; also how events are matched. */
  readonly keys: readonly string[];
  /** As the sheet shows them, where that is shorter than all of them. */
  readonly print?: readonly string[];
  readonly group: string;
  readonly words: string;
  /** Words for the footer; only for the most used. */
  readonly brief?: string;
  /** Acts; `key` is the one of `keys` that was pressed. False: the event goes on. */
  act(key: string): boolean;
}

const names: Readonly<Record<string, string>> = {
  ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', ' ': 'Space',
};

/**
 * The printed name of an event's key: `C`, `Shift C`, `Alt ←`. What Shift makes of other keys has a name of its own.
 */
export function keyName(event: {
  readonly key: string;
  readonly shiftKey?: boolean;
  readonly altKey?: boolean;
}): string {
  const name = names[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const isSame = /^([A-Z]|[←→↑↓])$/.test(name);
  return `${event.altKey === true ? 'Alt ' : ''}${event.shiftKey === true && isSame ? 'Shift ' : ''}${name}`;
}

/** Whether typing goes into a field, where single keys must be left alone. */
export function isTyping(target: EventTarget | null): boolean {
  const isField = /^(INPUT|TEXTAREA|SELECT)$/;
  return target instanceof HTMLElement && (target.isContentEditable || isField.test(target.tagName));
}

/** Binds the keys to the document; returns what unbinds them. `mayAct` is asked for each; a character is single. */
export function bindKeys(
  bindings: readonly KeyBinding[],
  mayAct: (name: string, isSingle: boolean) => boolean,
): () => void {
  const listen = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || isTyping(event.target) || isPressed(event)) {
      return;
    }

    const name = keyName(event);
    const isSingle = /^(Shift )?.$/.test(name) && !/[←→↑↓]/.test(name);
    const binding = bindings.find((item) => item.keys.includes(name));
    if (binding !== undefined && mayAct(name, isSingle) && binding.act(name)) {
      event.preventDefault();
    }
  };
  document.addEventListener('keydown', listen);
  return () => document.removeEventListener('keydown', listen);
}

/** Whether the key presses the button that has the focus. */
function isPressed({ key, target }: KeyboardEvent): boolean {
  return key === ' ' && target instanceof Element && target.closest('button, a, summary, label') !== null;
}
