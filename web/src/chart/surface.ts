/** A canvas that fills its parent, in device pixels; for charts that are not lines over time. */
export class Surface {
  readonly context: CanvasRenderingContext2D;
  readonly #canvas: HTMLCanvasElement;
  #width = 0;
  #height = 0;

  constructor(parent: HTMLElement) {
    this.#canvas = document.createElement('canvas');
    this.#canvas.setAttribute('aria-hidden', 'true');
    parent.append(this.#canvas);
    const context = this.#canvas.getContext('2d');
    if (context === null) {
      throw new Error('This browser gives no 2d drawing context for a canvas.');
    }

    this.context = context;
  }

  get ratio(): number {
    return window.devicePixelRatio || 1;
  }

  get width(): number {
    return this.#canvas.width;
  }

  get height(): number {
    return this.#canvas.height;
  }

  /** Follows a size in CSS pixels. */
  resize(width: number, height: number): void {
    this.#width = width;
    this.#height = height;
  }

  /** Clears and makes the size fit; false when there is nothing to draw on. */
  begin(): boolean {
    const [width, height] = [Math.round(this.#width * this.ratio), Math.round(this.#height * this.ratio)];
    if (width < 1 || height < 1) {
      return false;
    }

    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    } else {
      this.context.clearRect(0, 0, width, height);
    }

    return true;
  }

  destroy(): void {
    this.#canvas.remove();
  }
}
