import { useState } from 'preact/hooks';
import type { App } from '../app';
import { hostPath } from '../address';
import { clock, date, duration } from '../format';
import { iso } from '../past/address';
import { range } from '../past/now';
import { readTime, timeHelp } from '../past/times';
import { dialog } from '../state';
import { Frame } from './dialog-frame';

/** Goes to a time as people type it. */
export function GoTo({ app }: { readonly app: App }) {
  const [text, setText] = useState('');
  const now = app.replay.newest || Date.now();
  const time = text.trim() === '' ? null : readTime(text, now);
  const isWrong = text.trim() !== '' && time === null;
  return (
    <Frame title="Go to a time" hint="In the time zone of this browser." id="goto">
      <form
        class="goto"
        onSubmit={(event) => {
          event.preventDefault();
          if (time !== null) {
            dialog.value = null;
            app.replay.enter(time, true);
          }
        }}
      >
        <input
          type="text"
          aria-label="Time"
          aria-describedby="goto-help"
          aria-invalid={isWrong}
          autocomplete="off"
          autofocus
          maxLength={40}
          data-testid="goto-time"
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" class="button" disabled={time === null}>
          Go
        </button>
        <p id="goto-help" class={isWrong ? 'attn' : ''} data-testid="goto-help">
          {time !== null ? `${clock(time)}, ${date(time)}` : `${isWrong ? 'This is not a time. ' : ''}${timeHelp}`}
        </p>
      </form>
    </Frame>
  );
}

const formats = [
  { format: 'csv', title: 'CSV', words: 'a line a sample, a column a series; for spreadsheets' },
  { format: 'jsonl', title: 'JSON lines', words: 'an object a line; for scripts' },
  { format: 'hscope', title: '.hscope', words: 'everything, with tables; `hostscope open FILE` shows it as a host' },
] as const;

/** Ranges of the past as files: plain links. */
export function Export({ app }: { readonly app: App }) {
  const { x0, x1, offset } = app.renderer.view;
  const [from, to] = range.value ?? [x0 + offset, Math.min(x1 + offset, app.replay.newest || x1)];
  const what = range.value === null ? 'The window that is shown' : 'The selected range';
  const length = duration((to - from) / 1000);
  const span = `from=${encodeURIComponent(iso(from))}&to=${encodeURIComponent(iso(to + 1))}`;
  return (
    <Frame title="Export" hint={`${what}: ${clock(from)} – ${clock(to)}, ${length}.`} id="export-dialog">
      <ul class="exports">
        {formats.map(({ format, title, words }) => (
          <li key={format}>
            <a
              class="button"
              href={hostPath(location, `export?${span}&format=${format}`)}
              download
              data-testid={`export-${format}`}
            >
              {title}
            </a>
            <span>{words}</span>
          </li>
        ))}
      </ul>
    </Frame>
  );
}
