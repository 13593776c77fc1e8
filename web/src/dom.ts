/** Makes an element with a class and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== '') {
    made.className = className;
  }

  made.append(...children);
  return made;
}

/** A text in the page that changes often: the document is touched only when the text differs. */
export class TextCell {
  readonly #node = document.createTextNode('');
  #text = '';

  constructor(parent: HTMLElement) {
    parent.append(this.#node);
  }

  get text(): string {
    return this.#text;
  }

  write(text: string): void {
    if (text !== this.#text) {
      this.#text = text;
      this.#node.data = text;
    }
  }
}

/** Sets or removes a class only when that is a change. */
export function toggle(target: Element, className: string, on: boolean): void {
  if (target.classList.contains(className) !== on) {
    target.classList.toggle(className, on);
  }
}

/** Sets an attribute only when that is a change. */
export function attribute(target: Element, name: string, value: string): void {
  if (target.getAttribute(name) !== value) {
    target.setAttribute(name, value);
  }
}
