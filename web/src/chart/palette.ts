// The colours of the style sheet as canvases need them. The style sheet is the only place where a colour is written.

const tokens = [
  'surface', 'text', 'text2', 'text3', 'line', 'link',
  'user', 'nice', 'system', 'irq', 'iowait', 'steal',
  'memory', 'shmem', 'cache', 'disk', 'net', 'live', 'attn-g', 'crit',
  'grid', 'hatch', 'heat0', 'heat1', 'heat2', 'heat3',
] as const;

export type Token = (typeof tokens)[number];

/** Red, green, blue from 0 to 255 and alpha from 0 to 1. */
export type Rgba = readonly [number, number, number, number];

export class Palette {
  /** Opacity of filled areas in this theme. */
  fill = 0.5;

  /** Grows with each change of theme, so that what is drawn from colours can be cached. */
  version = 0;

  #colours = new Map<Token, Rgba>();

  /** Reads the colours in force at an element. */
  read(element: HTMLElement): void {
    const probe = document.createElement('i');
    probe.hidden = true;
    element.append(probe);
    for (const token of tokens) {
      probe.style.color = `var(--${token})`;
      this.#colours.set(token, parseColour(getComputedStyle(probe).color));
    }

    probe.style.opacity = 'var(--area)';
    this.fill = Number.parseFloat(getComputedStyle(probe).opacity) || 0.5;
    probe.remove();
    this.version++;
  }

  rgba(token: Token): Rgba {
    return this.#colours.get(token) ?? [128, 128, 128, 1];
  }

  /** A colour as CSS text, its alpha multiplied by `alpha`. */
  css(token: Token, alpha = 1): string {
    const [r, g, b, a] = this.rgba(token);
    return `rgba(${r}, ${g}, ${b}, ${a * alpha})`;
  }
}

/** Parses what browsers give as a computed colour: `rgb(74, 139, 255)` or `rgba(160, 178, 205, 0.11)`. */
export function parseColour(text: string): Rgba {
  const [r = 128, g = 128, b = 128, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b, a];
}

/** A ramp of `count` colours as 32-bit pixels (ABGR, as ImageData has them on little-endian machines). */
export function ramp(stops: readonly { readonly at: number; readonly colour: Rgba }[], count: number): Uint32Array {
  const pixels = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const at = i / (count - 1);
    const upper = Math.max(1, stops.findIndex((stop) => stop.at >= at));
    const [low, high] = [stops[upper - 1], stops[upper]];
    if (low === undefined || high === undefined) {
      continue;
    }

    const share = (at - low.at) / (high.at - low.at);
    const channel = (c: 0 | 1 | 2) => Math.round(low.colour[c] + share * (high.colour[c] - low.colour[c]));
    pixels[i] = (0xff << 24) | (channel(2) << 16) | (channel(1) << 8) | channel(0);
  }

  return pixels;
}
