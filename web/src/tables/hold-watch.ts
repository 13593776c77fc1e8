import { held, isHeld, released } from './hold';

/** Watches for the reasons to hold the order of a table. */
export class HoldWatch {
  #hold = released;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #changed: () => void;

  /** `changed` is called when the order is held or released. */
  constructor(table: HTMLElement, changed: () => void) {
    this.#changed = changed;
    const pointer = (event: PointerEvent): void => {
      if (event.pointerType === 'mouse') {
        this.#set('pointer', event.type === 'pointerenter');
      }
    };
    table.addEventListener('pointerenter', pointer);
    table.addEventListener('pointerleave', pointer);
    // A click leaves the focus in the table for as long as nothing else takes it; only keys mean to stay there.
    table.addEventListener('focusin', (event) => {
      this.#set('focus', event.target instanceof Element && event.target.matches(':focus-visible'));
    });
    table.addEventListener('keydown', () => this.#set('focus', true));
    table.addEventListener('focusout', () => this.#set('focus', false));
    const control = (event: KeyboardEvent): void => this.#set('ctrl', event.ctrlKey);
    document.addEventListener('keydown', control);
    document.addEventListener('keyup', control);
    window.addEventListener('blur', () => this.#set('ctrl', false));
  }

  get isHeld(): boolean {
    return isHeld(this.#hold, performance.now());
  }

  #set(reason: 'pointer' | 'focus' | 'ctrl', isOn: boolean): void {
    const now = performance.now();
    const before = this.#hold;
    this.#hold = held(before, reason, isOn, now);
    if (this.#hold !== before) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.#changed, this.#hold.reasons.size > 0 ? 0 : this.#hold.until - now + 1);
    }
  }
}
